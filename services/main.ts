/**
 * The one entry: `main.ts [stage…]` hosts the stages it is given, all of them without a name.
 * Settings, engines, stages, listeners, in this order; backwards on SIGTERM.
 */
import process from 'node:process';
import { type Backends, openBackends } from '#shared/backends.ts';
import { type Config, ConfigError, isLoopback, parseConfig } from '#shared/config.ts';
import { createLog, describeError, type Log } from '#shared/log.ts';
import { createMetrics, type Metrics } from '#shared/metrics.ts';
import { rememberClient } from '#shared/runtime/clients.ts';
import { loadDashboard } from '#shared/runtime/dashboard.ts';
import { type DataDir, openDataDir } from '#shared/runtime/data-dir.ts';
import { listen, type Listener } from '#shared/runtime/http-server.ts';
import {
  programArguments,
  runtimeMetrics,
  runtimeName,
  runtimeVersion,
} from '#shared/runtime/runtime.ts';
import { onStop } from '#shared/runtime/signals.ts';
import { readTls, type Tls } from '#shared/runtime/tls-files.ts';
import type { Service } from '#shared/service.ts';
import { openSqlToken } from '#shared/warehouse/sql-token.ts';
import { loadDemoData } from './demo-data.ts';
import { withHealth } from './health.ts';
import { rehearse } from './rehearsal.ts';
import { createStageDoor } from './stage-door.ts';
import { chooseStages, makeStages, needsOf } from './stages.ts';
import { VERSION } from './version.ts';
import { welcome } from './welcome.ts';

const startedAt = performance.now();
const DASHBOARD = new URL('../web/dist/', import.meta.url);
const RUNTIME = `${runtimeName} ${runtimeVersion}`;

try {
  const config = parseConfig(process.env);
  requireAdminKey(config);
  const log = createLog(config.LOG_LEVEL);
  const opening = open(config, log);
  // From the first moment: who is told to stop while starting finishes the start and closes in order.
  onStop(async (reason) => (await opening).close(reason), log);
  const exchange = await opening;
  console.log(welcome(config, exchange.stages.map(({ name }) => name), {
    runtime: RUNTIME,
    tookMs: performance.now() - startedAt,
    firstRun: exchange.firstRun,
  }));
} catch (error) {
  // Whatever kept it from starting is one line for people; a stack would only hide it.
  console.error(`Helios cannot start: ${describeError(error)}`);
  process.exit(1);
}

interface Exchange {
  stages: Service[];
  firstRun: boolean;
  close(reason: string): Promise<void>;
}

async function open(config: Config, log: Log): Promise<Exchange> {
  const chosen = chooseStages(programArguments(), config);
  const { TLS_CERT_FILE, TLS_KEY_FILE } = config;
  const tls = TLS_CERT_FILE && TLS_KEY_FILE ? readTls(TLS_CERT_FILE, TLS_KEY_FILE) : undefined;
  const metrics = createMetrics();
  runtimeMetrics(metrics);
  const dataDir = await openDataDir(config.DATA_DIR);
  const undo: (() => Promise<unknown>)[] = [async () => dataDir.release()];
  try {
    const needs = needsOf(chosen);
    const backends = await openBackends(config, log, metrics, needs);
    undo.push(() => backends.close());
    const firstRun = config.DEMO_DATA && needs.has('catalog') &&
      await loadDemoData(backends.catalog);
    const stages = await startStages(config, chosen, { backends, log, metrics, dataDir }, undo);
    const listeners = await startListeners(config, tls, stages, backends, metrics, log);
    return {
      stages,
      firstRun,
      close: (reason) => close({ stages, listeners, backends, dataDir, log }, reason),
    };
  } catch (error) {
    for (const step of undo.reverse()) await step().catch(() => {});
    throw error;
  }
}

async function startStages(
  config: Config,
  chosen: ReturnType<typeof chooseStages>,
  parts: { backends: Backends; log: Log; metrics: Metrics; dataDir: DataDir },
  undo: (() => Promise<unknown>)[],
): Promise<Service[]> {
  const { backends, log, metrics } = parts;
  const stages = makeStages(chosen, {
    config,
    backends,
    log,
    metrics,
    dashboard: chosen.includes('web') ? await loadDashboard(DASHBOARD) : undefined,
    sqlToken: chosen.includes('clickhouse')
      ? config.CLICKHOUSE_TOKEN ?? await openSqlToken(config.DATA_DIR)
      : undefined,
  });
  // From the end of the pipeline, so that nothing is sent to a stage that is not there yet.
  for (const stage of [...stages].reverse()) {
    undo.push(() => stage.close());
    await stage.start();
  }
  if (chosen.includes('gateway')) await rehearse(backends);
  return stages;
}

async function startListeners(
  config: Config,
  tls: Tls | undefined,
  stages: readonly Service[],
  backends: Backends,
  metrics: Metrics,
  log: Log,
): Promise<Listener[]> {
  const gateway = stages.find(({ name }) => name === 'gateway');
  const door = gateway ?? createStageDoor({
    analytics: stages.find(({ name }) => name === 'analytics'),
    web: stages.find(({ name }) => name === 'web'),
    loopback: isLoopback(config.HOST),
    adminKey: config.ADMIN_KEY,
  });
  const fetch = withHealth((request) => door.fetch(request), {
    runtime: RUNTIME,
    version: VERSION,
    stages,
    engines: backends.engines,
  });
  const onError = (error: unknown): void => log.error('handler_failed', { error });
  // Only who passes requests on has to know whose they are.
  const passesOn = config.ANALYTICS_URL.length + config.WEB_URL.length > 0;
  const main = await listen({
    fetch(request, client) {
      if (passesOn) rememberClient(request, client);
      return fetch(request);
    },
    ...(door.upgrade && { upgrade: door.upgrade }),
    host: config.HOST,
    port: config.PORT,
    setting: 'PORT',
    tls,
    onError,
  });
  try {
    // Metrics tell about the inside: they have a port of their own, which is never the public door.
    const metricsListener = await listen({
      fetch: (request) => metricsAnswer(request, metrics),
      host: isLoopback(config.HOST) ? config.HOST : '0.0.0.0',
      port: config.METRICS_PORT,
      setting: 'METRICS_PORT',
      onError,
    });
    return [main, metricsListener];
  } catch (error) {
    await main.close(0);
    throw error;
  }
}

async function metricsAnswer(request: Request, metrics: Metrics): Promise<Response> {
  if (new URL(request.url).pathname !== '/metrics') return new Response(null, { status: 404 });
  const { text, contentType } = await metrics.render();
  return new Response(text, { headers: { 'content-type': contentType } });
}

/** Everyone inside gets an answer, then each stage hands on what it has, then the engines close. */
async function close(
  exchange: {
    stages: readonly Service[];
    listeners: readonly Listener[];
    backends: Backends;
    dataDir: DataDir;
    log: Log;
  },
  reason: string,
): Promise<void> {
  const { stages, listeners, backends, dataDir, log } = exchange;
  log.info('closing', { reason });
  const [gateway] = stages;
  if (gateway?.name === 'gateway') await gateway.close();
  await Promise.all(listeners.map((listener) => listener.close()));
  for (const stage of stages) if (stage.name !== 'gateway') await stage.close();
  await backends.close();
  dataDir.release();
  log.info('closed');
}

function requireAdminKey(config: Config): void {
  if (isLoopback(config.HOST) || config.ADMIN_KEY) return;
  throw new ConfigError(
    `HOST=${config.HOST} can be reached from other machines, so ADMIN_KEY is needed: ` +
      'set it to a secret of at least 24 characters',
  );
}
