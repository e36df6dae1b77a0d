/**
 * The one entry: `main.ts [stage…]` hosts the stages it is given, all of them without a name.
 * Settings, doors, engines, stages, in this order; then the doors let in. Backwards on SIGTERM.
 */
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Backends, needsDataDir, openBackends } from '#shared/backends.ts';
import {
  type Config,
  ConfigError,
  isLoopback,
  isPrivateDoor,
  parseConfig,
} from '#shared/config.ts';
import { createLog, describeError, type Log } from '#shared/log.ts';
import { createMetrics, type Metrics } from '#shared/metrics.ts';
import { loadDashboard } from '#shared/runtime/dashboard.ts';
import { type DataDir, openDataDir } from '#shared/runtime/data-dir.ts';
import { tuneCollector } from '#shared/runtime/garbage-collector.ts';
import { giveWay } from '#shared/runtime/priority.ts';
import { settleStrings } from '#shared/runtime/quick-strings.ts';
import {
  programArguments,
  runtimeMetrics,
  runtimeName,
  runtimeVersion,
} from '#shared/runtime/runtime.ts';
import { CLOSE_MS, onStop } from '#shared/runtime/signals.ts';
import { readTls } from '#shared/runtime/tls-files.ts';
import type { Service, StageName } from '#shared/service.ts';
import { openTracing, type Tracing } from '#shared/tracing/open-tracing.ts';
import { openSqlToken } from '#shared/warehouse/sql-token.ts';
import { loadDemoData } from './demo-data.ts';
import { type Doors, openDoors } from './doors.ts';
import { rehearse } from './rehearsal.ts';
import { chooseStages, isWaitedFor, needsOf, optionalEngines, USAGE } from './stage-choice.ts';
import { makeStages } from './stages.ts';
import { STOP_MS } from './stop-time.ts';
import { VERSION } from './version.ts';
import { welcome } from './welcome.ts';

const startedAt = performance.now();
const DASHBOARD = new URL('../web/dist/', import.meta.url);
const RUNTIME = `${runtimeName} ${runtimeVersion}`;
const stop = new AbortController();

if (programArguments().some((one) => one === '--help' || one === '-h')) {
  console.log(USAGE);
  process.exit(0);
}
try {
  tuneCollector();
  settleStrings();
  const config = parseConfig(process.env);
  const log = createLog(config.LOG_LEVEL);
  const opening = open(config, log, stop.signal);
  // From the first moment. Who is told to stop while starting finishes the start and closes in order,
  // unless the start waits for an engine that is away.
  onStop(
    async (reason, within) => {
      stop.abort();
      const exchange = await opening.catch((error) => log.info('start_ended', { reason, error }));
      await exchange?.close(reason, within);
    },
    log,
    STOP_MS + config.DRAIN_MS,
  );
  const exchange = await opening;
  console.log(welcome({ ...config, ...exchange.ports }, exchange.stages.map(({ name }) => name), {
    runtime: RUNTIME,
    tookMs: performance.now() - startedAt,
    firstRun: exchange.firstRun,
  }));
  for (const stage of exchange.stages) {
    stage.ready().catch((error) => {
      console.error(`Not ready: ${stage.name}: ${describeError(error)}`);
    });
  }
} catch (error) {
  // Who was told to stop has not failed: the way out is under way.
  if (!stop.signal.aborted) {
    // Whatever kept it from starting is one line for people; a stack would only hide it.
    console.error(`Helios cannot start: ${describeError(error)}`);
    process.exit(1);
  }
}

interface Exchange {
  stages: Service[];
  ports: Doors['ports'];
  firstRun: boolean;
  /** @param within sets the time it may take from then on. */
  close(reason: string, within: (ms: number) => void): Promise<void>;
}

async function open(config: Config, log: Log, signal: AbortSignal): Promise<Exchange> {
  const chosen = chooseStages(programArguments(), config);
  if (!isWaitedFor(chosen)) giveWay();
  requireAdminKey(config, chosen);
  const { TLS_CERT_FILE, TLS_KEY_FILE } = config;
  const tls = TLS_CERT_FILE && TLS_KEY_FILE ? readTls(TLS_CERT_FILE, TLS_KEY_FILE) : undefined;
  const metrics = createMetrics();
  runtimeMetrics(metrics);
  const needs = needsOf(chosen);
  const dataDir = needsDataDir(config, needs) ? await openDataDir(config.DATA_DIR) : undefined;
  const undo: (() => Promise<unknown>)[] = [async () => dataDir?.release()];
  try {
    const waiting = new Map<string, string>();
    const doors = await openDoors({
      config,
      tls,
      log,
      metrics,
      about: { runtime: RUNTIME, version: VERSION },
      waitingFor: () => [...waiting].map(([name, reason]) => ({ name, reason })),
    });
    undo.push(() => doors.close());
    const backends = await openBackends(config, log, metrics, needs, {
      signal,
      onWait: (engine, reason) => waiting.set(engine, reason),
    });
    undo.push(() => backends.close());
    const firstRun = config.DEMO_DATA && chosen.includes('gateway') &&
      await loadDemoData(backends.catalog);
    const tracing = await openTracing({ config, log, metrics, version: VERSION });
    undo.push(async () => tracing?.close());
    const stages = await startStages(config, chosen, { backends, log, metrics, tracing }, undo);
    const optional = optionalEngines(chosen);
    doors.letIn(
      stages,
      backends.engines.map(({ seam, name, check }) => ({
        name,
        optional: optional.has(seam),
        check,
      })),
    );
    return {
      stages,
      ports: doors.ports,
      firstRun,
      async close(reason, within) {
        // Ctrl-C is a person who waits.
        if (reason === 'SIGTERM' && config.DRAIN_MS > 0) await leave(doors, config.DRAIN_MS, log);
        await close({ stages, doors, backends, tracing, dataDir, log }, reason, within);
      },
    };
  } catch (error) {
    for (const step of undo.reverse()) await step().catch(() => {});
    throw error;
  }
}

async function startStages(
  config: Config,
  chosen: ReturnType<typeof chooseStages>,
  parts: { backends: Backends; log: Log; metrics: Metrics; tracing: Tracing | undefined },
  undo: (() => Promise<unknown>)[],
): Promise<Service[]> {
  const { backends, log, metrics, tracing } = parts;
  const stages = makeStages(chosen, {
    config,
    backends,
    log,
    metrics,
    dashboard: chosen.includes('web') ? await loadDashboard(DASHBOARD) : undefined,
    sqlToken: chosen.includes('clickhouse')
      ? config.CLICKHOUSE_TOKEN ?? await openSqlToken(config.DATA_DIR)
      : undefined,
    tracing,
  });
  // From the end of the pipeline, so that nothing is sent to a stage that is not there yet.
  for (const stage of [...stages].reverse()) {
    undo.push(() => stage.close());
    await stage.start();
  }
  const takesPart = (stage: StageName): boolean =>
    ['gateway', 'bidding', 'auction'].includes(stage);
  if (chosen.some(takesPart)) await rehearse(backends.catalog);
  return stages;
}

/** Goes on until everybody who sends requests here has heard that they should not. */
async function leave(doors: Doors, ms: number, log: Log): Promise<void> {
  log.info('leaving', { ms });
  doors.leave();
  await sleep(ms);
}

/** Everyone inside gets an answer, then each stage hands on what it has, then the engines close. */
async function close(
  exchange: {
    stages: readonly Service[];
    doors: Doors;
    backends: Backends;
    tracing: Tracing | undefined;
    dataDir: DataDir | undefined;
    log: Log;
  },
  reason: string,
  within: (ms: number) => void,
): Promise<void> {
  const { stages, doors, backends, tracing, dataDir, log } = exchange;
  log.info('closing', { reason });
  doors.leave();
  const [gateway] = stages;
  if (gateway?.name === 'gateway') await gateway.close();
  // Nobody waits for an auction any more.
  within(CLOSE_MS);
  await doors.close();
  for (const stage of stages) if (stage.name !== 'gateway') await stage.close();
  await backends.close();
  await tracing?.close();
  dataDir?.release();
  log.info('closed');
}

/** Gateways of other machines come to the door of a stage wherever the gateways are published. */
function requireAdminKey(config: Config, chosen: readonly StageName[]): void {
  const isPrivate = chosen.includes('gateway') ? isPrivateDoor(config) : isLoopback(config.HOST);
  if (isPrivate || config.ADMIN_KEY) return;
  throw new ConfigError(
    `${doorSetting(config)} can be reached from other machines, so ADMIN_KEY is needed: ` +
      'set it to a secret of at least 24 ASCII characters',
  );
}

function doorSetting({ HOST, PUBLISHED_HOST }: Config): string {
  return isLoopback(HOST) ? `PUBLISHED_HOST=${PUBLISHED_HOST}` : `HOST=${HOST}`;
}
