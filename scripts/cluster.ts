/** `npm run cluster`: a whole cluster as plain processes on this machine, looked after until Ctrl-C. */
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { type Config, parseConfig, topicNamesOf } from '#shared/config.ts';
import { describeError } from '#shared/log.ts';
import { PARTITIONS_MAX } from '#shared/model/auction-id.ts';
import { firstBid } from '#shared/model/first-bid.ts';
import { isDataDir, openDataDir } from '#shared/runtime/data-dir.ts';
import type { StageName } from '#shared/service.ts';
import { type RuntimeName, runtimeName } from '#shared/runtime/runtime.ts';
import { findRuntime } from './checks/toolchain.ts';
import { type ClusterEngines, openEngines } from './cluster/engines.ts';
import { type ClusterPlan, planCluster, PORTS_EACH } from './cluster/plan.ts';
import { gatewayPorts } from './cluster/ports.ts';
import { type Cluster, startCluster } from './cluster/start-cluster.ts';
import { type Watch, watchCluster } from './cluster/watch.ts';
import { freePorts } from './engines/free-ports.ts';
import { parseFlags, text, toggle, whole } from './flags.ts';
import { onInterrupt } from './on-interrupt.ts';

const GATEWAYS = 2;
const NODES_MAX = 16;
/** More than any plan has. */
const PROCESSES_MAX = 16 + NODES_MAX;

const { values: flags } = parseFlags({
  fused: whole('so many nodes of gateway, bidding and auction together', 1, NODES_MAX),
  brokers: text('of a Kafka of its own', '1', ['1', '3']),
  partitions: whole('of each auction topic', 1, PARTITIONS_MAX, 12),
  'no-restart': toggle('a process that ends stays away'),
}, {
  command: 'npm run cluster --',
  about: `Starts each stage in processes of its own, with Kafka and Redis unless KAFKA_BROKERS and
REDIS_URL name some, and starts again whatever ends. Ctrl-C ends all.`,
});

try {
  await main();
} catch (error) {
  console.error(describeError(error));
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const config = parseConfig(process.env);
  const stopped = untilStopped();
  const doors = flags.fused ?? GATEWAYS;
  if (doors > flags.partitions) {
    throw new Error(`--fused=${doors}: allowed is at most the ${flags.partitions} partitions`);
  }
  const own = config.KAFKA_BROKERS.length === 0;
  if (!own && flags.brokers !== '1') {
    throw new Error(
      `--brokers=${flags.brokers}: KAFKA_BROKERS names a Kafka already, leave out one of them`,
    );
  }
  const ports = await gatewayPorts(config.PORT, doors);
  // The folder of a single exchange holds that of the cluster, and is marked as ours first.
  if (!isDataDir(config.DATA_DIR)) openDataDir(config.DATA_DIR).release();
  const folder = openDataDir(join(config.DATA_DIR, 'cluster'));
  try {
    const logDir = join(folder.path, 'logs');
    // Rows belong to the records of one Kafka: with its records they go, and only those.
    const dataDir = own ? join(folder.path, 'own-kafka') : folder.path;
    const forget = (): void => {
      if (own) rmSync(dataDir, { recursive: true, force: true });
    };
    forget();
    // Marked, for `npm run reset`.
    if (own) openDataDir(dataDir).release();
    await run(config, ports, { dataDir, logDir }, stopped);
    forget();
  } finally {
    folder.release();
  }
}

async function run(
  config: Config,
  ports: readonly number[],
  { dataDir, logDir }: { dataDir: string; logDir: string },
  stopped: Promise<void>,
): Promise<void> {
  const names = topicNamesOf(config);
  const { KAFKA_BROKERS: kafkaBrokers, REDIS_URL: redisUrl, CLICKHOUSE_URL } = config;
  console.log('Starting the engines …');
  const engines = await openEngines({
    kafkaBrokers,
    redisUrl,
    names,
    brokers: flags.brokers === '3' ? 3 : 1,
    partitions: flags.partitions,
  });
  let cluster: Cluster | undefined;
  let watch: Watch | undefined;
  try {
    const plan = planCluster({
      kafkaBrokers: engines.kafkaBrokers.join(','),
      redisUrl: engines.redisUrl,
      clickhouse: CLICKHOUSE_URL
        ? { url: CLICKHOUSE_URL }
        : { token: randomBytes(24).toString('base64url') },
      gatewayPorts: ports,
      freePorts: await freePorts(PORTS_EACH * PROCESSES_MAX),
      runtimes: runtimes(),
      dataDir,
      fused: flags.fused !== undefined,
    });
    const startMs = performance.now();
    watch = watchCluster({
      output: process.stdout,
      processes: () => cluster?.processes ?? [],
      admin: engines.admin,
      topics: Object.values(names),
      hints: hints(plan, engines),
    });
    cluster = startCluster(plan, {
      logDir,
      restart: !flags['no-restart'],
      onChange: (one) => watch?.changed(one),
    });
    if (!process.stdout.isTTY) tellWhenReady(cluster, startMs, hints(plan, engines), stopped);
    await stopped;
    console.log('Stopping …');
  } finally {
    await cluster?.stop();
    watch?.end();
    await engines.stop();
  }
  console.log('Everything has ended.');
}

/** Resolves at the first signal; at a later one everything is killed with this process. */
function untilStopped(): Promise<void> {
  return new Promise((resolve) => onInterrupt(['SIGINT', 'SIGTERM', 'SIGHUP'], resolve));
}

/** This one first. */
function runtimes(): RuntimeName[] {
  const other = runtimeName === 'node' ? 'deno' : 'node';
  return typeof findRuntime(other) === 'string' ? [runtimeName] : [runtimeName, other];
}

function tellWhenReady(
  cluster: Cluster,
  startMs: number,
  places: string,
  stopped: Promise<void>,
): void {
  const told = cluster.ready().then(() => {
    const seconds = ((performance.now() - startMs) / 1_000).toFixed(1);
    return `All processes are ready after ${seconds} s\n\n${places}`;
  }, describeError);
  void Promise.race([told, stopped]).then((line) => line && console.log(line));
}

function hints(plan: ClusterPlan, engines: ClusterEngines): string {
  const { gateways, clickhouseUrl, processes } = plan;
  const [first] = gateways;
  const envOf = (stage: StageName) => processes.find(({ stages }) => stages.includes(stage))!.env;
  const { METRICS_PORT } = envOf('gateway');
  const { PROFILE_PORT } = envOf('profile');
  return [
    `Dashboard  ${first}/`,
    `Topics     KAFKA_BROKERS=${engines.kafkaBrokers.join(',')} npm run topics`,
    `SQL        CLICKHOUSE_URL=${clickhouseUrl} npm run sql`,
    `Check      CLICKHOUSE_URL=${clickhouseUrl} METRICS_PORT=${METRICS_PORT} PROFILE_PORT=${PROFILE_PORT} \\`,
    `           npm run smoke -- ${first}`,
    '',
    'Send a bid to any gateway, and kill a stage with kill -9 PID and watch:',
    ...gateways.slice(0, 2).map((gateway) => `\n${firstBid(gateway)}`),
  ].join('\n');
}
