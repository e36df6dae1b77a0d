/** `npm run test:rolling`: every process of a cluster is replaced under load, and no request is lost. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { parseConfig, topicNamesOf } from '#shared/config.ts';
import { describeError } from '#shared/log.ts';
import { runtimeName } from '#shared/runtime/runtime.ts';
import { replaceBlocks } from '../benchmarks/kafka/docs.ts';
import { openEngines } from './cluster/engines.ts';
import { planCluster, PORTS_EACH } from './cluster/plan.ts';
import { type Cluster, startCluster } from './cluster/start-cluster.ts';
import { freePorts } from './engines/free-ports.ts';
import { parseFlags, text, toggle, whole } from './flags.ts';
import { PROJECT_DIR } from './load/runtime-command.ts';
import type { BalancerOptions } from './rolling/balancer.ts';
import { type RollResult, rollUnderLoad } from './rolling/roll.ts';

const { values: flags } = parseFlags({
  shape: text('of the cluster', 'fused', ['fused', 'distributed']),
  gateways: whole('so many, or fused nodes', 2, 6, 3),
  rate: whole('requests a second', 1, 2_000, 60),
  docs: toggle('writes what came of it into docs/operations.md'),
}, {
  command: 'npm run test:rolling --',
  about:
    `Starts a cluster with engines behind a small balancer, replaces its processes one by one under
load, and counts requests without an answer: with DRAIN_MS there is none, without it some.`,
});

/** Longer than the balancer takes to look. */
const DRAIN_MS = 3_000;
const PROCESSES_MAX = 20;
const DOCS = join(PROJECT_DIR, 'docs', 'operations.md');

interface Run extends RollResult {
  by: BalancerOptions['by'];
  drainMs: number;
  /** How many processes were replaced. */
  replaced: number;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(describeError(error));
  process.exitCode = 1;
}

async function main(): Promise<number> {
  const dir = mkdtempSync(join(tmpdir(), 'helios-rolling-'));
  const engines = await openEngines({
    kafkaBrokers: [],
    brokers: 1,
    redisUrl: undefined,
    names: topicNamesOf(parseConfig({})),
    partitions: 12,
  });
  let cluster: Cluster | undefined;
  try {
    const plan = planCluster({
      kafkaBrokers: engines.kafkaBrokers.join(','),
      redisUrl: engines.redisUrl,
      clickhouse: { token: randomBytes(24).toString('base64url') },
      gatewayPorts: await freePorts(flags.gateways),
      freePorts: await freePorts(PORTS_EACH * PROCESSES_MAX),
      runtimes: [runtimeName],
      dataDir: dir,
      fused: flags.shape === 'fused',
    });
    cluster = startCluster(plan, { logDir: join(dir, 'logs'), restart: false });
    await cluster.ready();
    const runs = await rollings(cluster, plan.gateways);
    for (const { lost, unreached } of runs) console.log(JSON.stringify({ ...lost, unreached }));
    if (flags.docs) writeDocs(runs);
    const controlsLose = runs.every((run) => run.drainMs > 0 || lostOf(run) > 0);
    if (!controlsLose) {
      console.error('Nothing was lost without DRAIN_MS either: this proves nothing');
    }
    const nothingLost = runs.every((run) => run.drainMs === 0 || lostOf(run) === 0);
    return controlsLose && nothingLost ? 0 : 1;
  } finally {
    await cluster?.stop();
    await engines.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Without the drain first, which must lose some, of the doors alone; then with it, of everything. */
async function rollings(cluster: Cluster, gateways: readonly string[]): Promise<Run[]> {
  const doors = cluster.processes.filter(({ plan }) => gateways.includes(plan.url));
  const all = cluster.processes.map(({ plan }) => plan.name);
  const runs: Run[] = [];
  const options = { cluster, gateways, ratePerS: flags.rate };
  for (const drainMs of [0, DRAIN_MS]) {
    for (const { plan } of cluster.processes) plan.env['DRAIN_MS'] = String(drainMs);
    // They have it when they are started again.
    if (drainMs > 0) await Promise.all(all.map((name) => cluster.restart(name)));
    await cluster.ready();
    for (const by of ['connections', 'requests'] as const) {
      const roll = drainMs > 0 ? all : doors.map(({ plan }) => plan.name);
      const result = await rollUnderLoad({ ...options, by, roll, seed: runs.length + 1 });
      runs.push({ ...result, by, drainMs, replaced: roll.length });
      console.error(describe(runs.at(-1)!));
    }
  }
  return runs;
}

function describe(run: Run): string {
  return `DRAIN_MS=${run.drainMs}, balanced by ${run.by}: ${run.replaced} replaced in ` +
    `${run.seconds.toFixed(0)} s, ${run.sent} sent, ${run.filled} with ads, ` +
    `${run.noBid} without, ${lostOf(run)} lost`;
}

function lostOf({ lost }: RollResult): number {
  return Object.values(lost).reduce((sum, count) => sum + count, 0);
}

function writeDocs(runs: readonly Run[]): void {
  const rows = runs.map((run) =>
    `| ${run.drainMs} | ${run.by} | ${run.replaced} | ${run.sent} | ${run.filled} | ${run.noBid} | ${
      lostOf(run)
    } |`
  );
  const today = new Date().toISOString().slice(0, 10);
  const block = [
    `Run of ${today}, ${flags.shape}, ${flags.gateways} gateways, ${flags.rate} requests a second:`,
    '',
    '| `DRAIN_MS` | balanced by | replaced | sent | with ads | without | no answer |',
    '| ---: | --- | ---: | ---: | ---: | ---: | ---: |',
    ...rows,
  ].join('\n');
  const name = flags.shape === 'fused' ? 'rolling' : 'rolling-distributed';
  writeFileSync(DOCS, replaceBlocks(readFileSync(DOCS, 'utf8'), { [name]: block }));
}
