/**
 * What the dashboard's pages ask, over ten million stored outcomes, each as the API makes it. Claim:
 * under 100 ms (median of each row). Controls in the same run: `SELECT 1`, and one column summed up
 * whole. The data is made once and kept in `.cache/bench-queries`.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { createEmbeddedBus } from '#shared/bus/embedded.ts';
import { createLog } from '#shared/log.ts';
import { createMetrics } from '#shared/metrics.ts';
import { emptyCatalog } from '#shared/model/catalog.ts';
import { runtimeName, runtimeVersion } from '#shared/runtime/runtime.ts';
import { createChdbWarehouse } from '#shared/warehouse/chdb.ts';
import { createTables, OUTCOMES } from '#shared/warehouse/tables.ts';
import type { Warehouse } from '#shared/warehouse/warehouse.ts';
import { parseFlags, text, whole } from '../scripts/flags.ts';
import { PROJECT_DIR } from '../scripts/load/runtime-command.ts';
import { createAnalytics } from '../services/analytics/app.ts';
import { fill, settled } from './queries-data.ts';
import { makePageQueries } from './queries-pages.ts';
import { median } from './median.ts';

/** ms; of the median of each row. */
const AIM_MS = 100;
/** Rows of one table differ by this much at most, as imps per auction are drawn. */
const ROWS_TOLERANCE = 0.01;

const { values: flags } = parseFlags({
  rows: whole('stored', 10_000, 100_000_000, 10_000_000),
  runs: whole('of each query', 3, 1_000, 15),
  only: text('queries whose name holds this', ''),
}, {
  command: 'npm run bench:queries --',
  about: 'Measures the queries of the dashboard over many stored outcomes.',
});

const stored = join(PROJECT_DIR, '.cache', 'bench-queries', String(flags.rows));
const scratch = mkdtempSync(join(tmpdir(), 'helios-bench-'));
removeFormerData();
mkdirSync(stored, { recursive: true });
const warehouse = await createChdbWarehouse({ path: stored, onError: console.error });
try {
  await prepare(warehouse);
  await measure(warehouse);
} finally {
  await warehouse.close();
  rmSync(scratch, { recursive: true });
}

/** Data of another layout, or by another generator, would be measured as if it were today's. */
function removeFormerData(): void {
  const sources = [
    'benchmarks/queries-data.ts',
    'shared/warehouse/tables.ts',
    'shared/warehouse/outcome-projections.ts',
    'shared/warehouse/storage.ts',
  ];
  const hash = createHash('sha256');
  for (const source of sources) hash.update(readFileSync(join(PROJECT_DIR, source)));
  const madeBy = hash.digest('hex');
  const note = `${stored}.made-by`;
  if (existsSync(note) && readFileSync(note, 'utf8') === madeBy) return;
  rmSync(stored, { recursive: true, force: true });
  mkdirSync(dirname(note), { recursive: true });
  writeFileSync(note, madeBy);
}

async function prepare(warehouse: Warehouse): Promise<void> {
  await createTables(warehouse);
  const [row] = await warehouse.query<{ n: number }>(`SELECT count() AS n FROM ${OUTCOMES}`);
  if (Math.abs(row!.n / flags.rows - 1) > ROWS_TOLERANCE) {
    await warehouse.command(`TRUNCATE TABLE ${OUTCOMES}`);
    await fill(warehouse, flags.rows, Date.now(), (text) => console.error(text));
  }
  await settled(warehouse);
}

async function measure(engine: Warehouse): Promise<void> {
  /** What the API asked in the last run. */
  const asked: { sql: string; params: Record<string, unknown> }[] = [];
  const recording: Warehouse = {
    ...engine,
    query(sql, params = {}) {
      asked.push({ sql, params });
      return engine.query(sql, params);
    },
  };
  const [last] = await engine.query<{ ms: number }>(
    `SELECT toUnixTimestamp64Milli(max(time)) + 1 AS ms FROM ${OUTCOMES}`,
  );
  const bus = await createEmbeddedBus({
    path: join(scratch, 'journal.db'),
    partitions: 4,
    onError: console.error,
  });
  const api = createAnalytics({
    bus,
    warehouse: recording,
    catalog: { current: emptyCatalog() },
    clock: { now: () => last!.ms },
    log: createLog('silent'),
    metrics: createMetrics(),
  });
  const get = async (path: string): Promise<Response> => {
    const answer = await api.fetch(new Request(`http://bench${path}`));
    if (!answer.ok) throw new Error(`Cannot measure ${path}: ${await answer.text()}`);
    return answer;
  };
  console.log(
    `${runtimeName} ${runtimeVersion}, ${cpus().length} × ${cpus()[0]?.model.trim()}, ${
      flags.rows.toLocaleString('en-US')
    } rows, ${flags.runs} runs each\n`,
  );
  console.log('| query | min ms | median ms | p99 ms | CPU ms | rows read |');
  console.log('|---|---|---|---|---|---|');
  const scan = `SELECT sum(floor_micros) AS sum FROM ${OUTCOMES}`;
  await row('control: `SELECT 1`', () => recording.query('SELECT 1'));
  await row('control: one column of all rows, summed up', () => recording.query(scan));
  const missed: string[] = [];
  for (const { name, path } of await makePageQueries(engine, get, last!.ms)) {
    if (!name.includes(flags.only)) continue;
    const ms = await row(name, async (n) => void await (await get(path(n))).arrayBuffer());
    if (ms >= AIM_MS) missed.push(name);
  }
  console.log(`\nUnder ${AIM_MS} ms: ${missed.length === 0 ? 'all' : `all but ${missed.length}`}.`);
  await bus.close();

  /** Measures and prints one row; the median in ms. */
  async function row(name: string, run: (n: number) => Promise<unknown>): Promise<number> {
    await run(flags.runs);
    const times: number[] = [];
    const before = process.cpuUsage();
    for (let n = 0; n < flags.runs; n++) {
      asked.length = 0;
      const began = performance.now();
      await run(n);
      times.push(performance.now() - began);
    }
    const used = process.cpuUsage(before);
    const middle = median(times);
    const p99 = times.toSorted((a, b) => a - b)[Math.ceil(times.length * 0.99) - 1]!;
    const cells = [
      name,
      Math.min(...times).toFixed(1),
      middle.toFixed(1),
      p99.toFixed(1),
      ((used.user + used.system) / 1000 / flags.runs).toFixed(0),
      String(await rowsRead(engine, asked)),
    ];
    console.log(`| ${cells.join(' | ')} |`);
    return middle;
  }
}

/** Asks again, in a format that says it. */
async function rowsRead(
  engine: Warehouse,
  statements: readonly { sql: string; params: Record<string, unknown> }[],
): Promise<number> {
  let sum = 0;
  for (const { sql, params } of statements) {
    const texts = Object.entries(params).map(([name, value]) => [name, String(value)]);
    const { bytes } = await engine.raw({
      sql,
      params: Object.fromEntries(texts),
      settings: {},
      defaultFormat: 'JSON',
    });
    const { statistics } = JSON.parse(new TextDecoder().decode(bytes)) as {
      statistics: { rows_read: number };
    };
    sum += statistics.rows_read;
  }
  return sum;
}
