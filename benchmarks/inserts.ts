/**
 * What an outcome costs the process that stores it in chDB: the CPU of inserts and of the merges that
 * follow, per row. Control in the same run, turn and turn about: the same rows into the same columns,
 * without projections and indexes. Rows are of many users and sites, as an exchange has them.
 */
import { Buffer } from 'node:buffer';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { runtimeName, runtimeVersion } from '#shared/runtime/runtime.ts';
import { createChdbWarehouse } from '#shared/warehouse/chdb.ts';
import { createTables, OUTCOMES } from '#shared/warehouse/tables.ts';
import type { Warehouse } from '#shared/warehouse/warehouse.ts';
import { parseFlags, whole } from '../scripts/flags.ts';
import { outcomeRows } from '../services/analytics/outcome-rows.ts';
import { outcomeOf } from './inserts-data.ts';
import { settled } from './queries-data.ts';

const { values: flags } = parseFlags({
  batches: whole('of each table', 10, 10_000, 200),
  rows: whole('of a batch', 1, 10_000, 2_000),
  pace: whole('ms from one insert to the next', 0, 1_000, 30),
}, {
  command: 'npm run bench:inserts --',
  about: 'Measures what storing an outcome costs, merges included.',
});

/** The two are measured in turns of so many batches. */
const TURNS = 4;
const CONTROL = 'helios.rows_alone';

interface Cost {
  cpuUs: number;
  rows: number;
  insertMs: number[];
}

const folder = mkdtempSync(join(tmpdir(), 'helios-bench-'));
const warehouse = await createChdbWarehouse({ path: folder, onError: console.error });
try {
  await createTables(warehouse);
  await makeControl(warehouse);
  await measure();
} finally {
  await warehouse.close();
  rmSync(folder, { recursive: true });
}

async function measure(): Promise<void> {
  const costs = new Map<string, Cost>();
  for (const table of [CONTROL, OUTCOMES]) costs.set(table, { cpuUs: 0, rows: 0, insertMs: [] });
  let auction = 0;
  for (let turn = 0; turn < TURNS; turn++) {
    const batches: Buffer[] = [];
    for (let n = 0; n < flags.batches / TURNS; n++) {
      const texts: string[] = [];
      while (texts.length < flags.rows) {
        texts.push(...outcomeRows(outcomeOf(auction), auction % 4, auction >> 2));
        auction++;
      }
      batches.push(Buffer.from(texts.slice(0, flags.rows).join('\n') + '\n'));
    }
    const order = turn % 2 === 0 ? [CONTROL, OUTCOMES] : [OUTCOMES, CONTROL];
    for (const table of order) await insertAll(table, batches, turn, costs.get(table)!);
  }
  console.log(
    `${runtimeName} ${runtimeVersion}, ${cpus().length} × ${cpus()[0]?.model.trim()}, ` +
      `${flags.batches} batches of ${flags.rows} rows each\n`,
  );
  console.log(
    '| table | CPU µs/row | p50 of an insert, ms | merged rows/row | parts | bytes/row |',
  );
  console.log('|---|---|---|---|---|---|');
  for (const [table, cost] of costs) console.log(await rowOf(table, cost));
}

/** CPU until nothing is merged any more; each table merges while it is its turn. */
async function insertAll(
  table: string,
  batches: readonly Buffer[],
  turn: number,
  cost: Cost,
): Promise<void> {
  await settled(warehouse);
  const before = process.cpuUsage();
  for (const [n, batch] of batches.entries()) {
    const began = performance.now();
    await warehouse.insert(table, [batch], `${turn}:${n}`);
    const took = performance.now() - began;
    cost.insertMs.push(took);
    cost.rows += flags.rows;
    await sleep(Math.max(0, flags.pace - took));
  }
  await settled(warehouse);
  const { user, system } = process.cpuUsage(before);
  cost.cpuUs += user + system;
}

async function rowOf(table: string, { cpuUs, rows, insertMs }: Cost): Promise<string> {
  const [parts] = await warehouse.query<{ parts: number; bytes: number; merged: number }>(
    `SELECT count() AS parts, sum(bytes_on_disk) AS bytes, sum(rows * level) AS merged
     FROM system.parts WHERE active AND concat(database, '.', table) = {table:String}`,
    { table },
  );
  const cells = [
    table === CONTROL ? 'control: rows alone' : table,
    (cpuUs / rows).toFixed(1),
    insertMs.toSorted((a, b) => a - b)[insertMs.length >> 1]!.toFixed(1),
    (parts!.merged / rows).toFixed(1),
    parts!.parts,
    (parts!.bytes / rows).toFixed(0),
  ];
  return `| ${cells.join(' | ')} |`;
}

/** The table without what is kept beside its rows. */
async function makeControl(engine: Warehouse): Promise<void> {
  const names = async (kind: string): Promise<string[]> =>
    (await engine.query<{ name: string }>(
      `SELECT name FROM system.${kind} WHERE concat(database, '.', table) = {table:String}`,
      { table: CONTROL },
    )).map(({ name }) => name);
  await engine.command(`CREATE TABLE ${CONTROL} AS ${OUTCOMES}`);
  const drops = [
    ...(await names('projections')).map((name) => `DROP PROJECTION ${name}`),
    ...(await names('data_skipping_indices')).map((name) => `DROP INDEX ${name}`),
  ];
  await engine.command(`ALTER TABLE ${CONTROL} ${drops.join(', ')}`);
}
