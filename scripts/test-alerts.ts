/**
 * `npm run test:alerts`: a small cluster with a real Kafka and Redis, watched by a real Prometheus with
 * the project's rules; stages are killed, and what a webhook is told by Alertmanager is waited for.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseConfig, topicNamesOf } from '#shared/config.ts';
import { describeError } from '#shared/log.ts';
import { runtimeName } from '#shared/runtime/runtime.ts';
import { type ClusterEngines, openEngines } from './cluster/engines.ts';
import { type ClusterPlan, planCluster, PORTS_EACH } from './cluster/plan.ts';
import { type Cluster, startCluster } from './cluster/start-cluster.ts';
import { freePorts } from './engines/free-ports.ts';
import { parseFlags, text } from './flags.ts';
import { type AlertWatch, startAlertWatch } from './infra/alert-watch.ts';
import { describeProbe, probeWhile } from './infra/bid-probe.ts';
import { RunReport } from './infra/run-report.ts';
import { POISON, poison } from '../tests/cluster/poison.ts';

const { values: flags } = parseFlags({
  report: text('writes what was seen to this file, in Markdown'),
}, {
  command: 'npm run test:alerts --',
  about: `Starts a cluster and, out of Debian's packages, Prometheus and Alertmanager; writes
messages nobody can read, kills the auction stage and ClickHouse, and waits for the alerts at a
webhook, then for the word that all is well again. Takes some four minutes.`,
});

const PARTITIONS = 4;
const PROCESSES_MAX = 10;
const NAMES = topicNamesOf(parseConfig({}));
/** Longer than any of the rules waits, with the time their rates look back. */
const ALERT_MS = 150_000;
/** A rate looks back two minutes: an alert of one is over that much later. */
const RESOLVED_MS = 180_000;
/** Nothing may fire in a cluster that is well. */
const QUIET_MS = 20_000;
/** In which outcomes come that are to be inserted. */
const INSERTS_MS = 5_000;

process.exitCode = await main();

async function main(): Promise<number> {
  const report = new RunReport('A run of `npm run test:alerts`');
  const undo: (() => Promise<unknown>)[] = [];
  try {
    await run(report, undo);
  } catch (error) {
    if (!report.failed) console.error(describeError(error));
    return 1;
  } finally {
    for (const step of undo.reverse()) await step().catch(console.error);
    if (flags.report) writeFileSync(flags.report, report.markdown());
  }
  console.log('\nAll steps passed');
  return 0;
}

async function run(report: RunReport, undo: (() => Promise<unknown>)[]): Promise<void> {
  let parts!: { engines: ClusterEngines; plan: ClusterPlan; cluster: Cluster; watch: AlertWatch };
  await report.step('a cluster, Prometheus and Alertmanager', async () => {
    parts = await start(undo);
    await parts.cluster.ready();
    return parts.plan.processes.map(({ name }) => name).join(', ');
  });
  const { engines, plan, cluster, watch } = parts;
  report.facts.push(
    ['Date', new Date().toISOString().slice(0, 16).replace('T', ' ')],
    ['Programs', `${watch.versions}; the rules of manifests/prometheus as they are`],
    ['Scraped and evaluated', 'every second'],
  );
  // With bids on their way all the time.
  const probed = await probeWhile(plan.gateways[0]!, async () => {
    await report.step('nothing fires while all is well', async () => {
      await until(async () => await watch.targetsUp() === plan.processes.length);
      const sinceMs = performance.now();
      // From here on: while they started, stages were missing.
      await sleep(QUIET_MS);
      const fired = watch.told.filter(({ atMs, status }) => atMs > sinceMs && status === 'firing');
      if (fired.length > 0) throw new Error(fired.map(({ name }) => name).join(', '));
      return `${plan.processes.length} targets, ${QUIET_MS / 1_000} s with traffic`;
    });
    const poisonedMs = performance.now();
    await report.step('messages nobody can read: HeliosDeadLetters', async () => {
      await poison(engines.kafkaBrokers, NAMES, 0);
      const seen = await watch.until('HeliosDeadLetters', 'firing', poisonedMs, ALERT_MS);
      return `${POISON.length} in each of three topics; ${describe(seen, poisonedMs)}`;
    });
    const killedMs = performance.now();
    await report.step(
      'kill -9 of ClickHouse, then of the auction stage; neither is started again',
      async () => {
        await cluster.kill('clickhouse-1');
        // It is missed by those who insert, and without auctions nobody does.
        await sleep(INSERTS_MS);
        await cluster.kill('auction-1');
      },
    );
    const expected = [
      'HeliosProcessDown',
      'HeliosStageMissing',
      'HeliosAnswersLate',
      'HeliosWarehouseFailing',
    ];
    for (const name of expected) {
      await report.step(
        `${name} reaches the webhook`,
        async () => describe(await watch.until(name, 'firing', killedMs, ALERT_MS), killedMs),
      );
    }
    const backMs = performance.now();
    await report.step('both are started again', async () => {
      await Promise.all([cluster.restart('auction-1'), cluster.restart('clickhouse-1')]);
      await cluster.ready();
    });
    for (const name of expected) {
      await report.step(
        `${name} is over`,
        async () => describe(await watch.until(name, 'resolved', backMs, RESOLVED_MS), backMs),
      );
    }
  });
  report.facts.push(['Traffic meanwhile', describeProbe(probed)]);
}

async function start(undo: (() => Promise<unknown>)[]) {
  const dir = mkdtempSync(join(tmpdir(), 'helios-alerts-'));
  undo.push(() => Promise.resolve(rmSync(dir, { recursive: true, force: true })));
  const engines = await openEngines({
    kafkaBrokers: [],
    brokers: 1,
    redisUrl: undefined,
    names: NAMES,
    partitions: PARTITIONS,
  });
  undo.push(() => engines.stop());
  const plan = planCluster({
    kafkaBrokers: engines.kafkaBrokers.join(','),
    redisUrl: engines.redisUrl,
    clickhouse: { token: randomBytes(24).toString('base64url') },
    gatewayPorts: await freePorts(1),
    freePorts: await freePorts(PORTS_EACH * PROCESSES_MAX),
    runtimes: [runtimeName],
    dataDir: dir,
    counts: { profile: 1, analytics: 1, auction: 1 },
    biddingGroups: ['house', 'partners'],
  });
  const cluster = startCluster(plan, { logDir: join(dir, 'logs'), restart: false });
  undo.push(() => cluster.stop());
  const targets = plan.processes.map(({ name, metricsUrl }) => [name, new URL(metricsUrl).host]);
  const watch = await startAlertWatch(Object.fromEntries(targets));
  undo.push(() => watch.stop());
  return { engines, plan, cluster, watch };
}

function describe({ summary, atMs }: { summary: string; atMs: number }, sinceMs: number): string {
  return `after ${((atMs - sinceMs) / 1_000).toFixed(1)} s: “${summary}”`;
}

async function until(look: () => Promise<boolean>): Promise<void> {
  const giveUpMs = performance.now() + ALERT_MS;
  while (!await look().catch(() => false)) {
    if (performance.now() > giveUpMs) throw new Error('Prometheus does not reach every process');
    await sleep(500);
  }
}
