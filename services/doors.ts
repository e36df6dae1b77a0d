/**
 * What a process answers on: its door, and metrics on a port of their own. Both are open from the
 * first moment, so that whoever looks after the process sees that it lives and what it waits for;
 * requests are let in when the stages are there.
 */
import type { Config } from '#shared/config.ts';
import { isLoopback } from '#shared/config.ts';
import type { Log } from '#shared/log.ts';
import type { Metrics } from '#shared/metrics.ts';
import { problem } from '#shared/problem.ts';
import { rememberClient } from '#shared/runtime/clients.ts';
import { listen, type Listener } from '#shared/runtime/http-server.ts';
import type { Tls } from '#shared/runtime/tls-files.ts';
import type { Route, Service, Upgrade } from '#shared/service.ts';
import { foreignRequest } from './gateway/access.ts';
import { type Checked, withHealth } from './health.ts';
import { createStageDoor } from './stage-door.ts';

export interface DoorsSetup {
  config: Config;
  /** Certificate and key of the door; undefined: plain HTTP. */
  tls: Tls | undefined;
  log: Log;
  metrics: Metrics;
  /** Of the process, for health. */
  about: { runtime: string; version: string };
  /** While it starts: what is waited for, and why. */
  waitingFor: () => readonly { name: string; reason: string }[];
}

export interface Doors {
  /** Those it has, where the settings ask for any free one. */
  readonly ports: Pick<Config, 'PORT' | 'METRICS_PORT'>;
  /** Lets requests in. */
  letIn(stages: readonly Service[], engines: readonly Checked[]): void;
  /** Takes requests as before, and tells everybody to go elsewhere. */
  leave(): void;
  /** Takes no more, and waits for who is inside. */
  close(): Promise<void>;
}

export async function openDoors(setup: DoorsSetup): Promise<Doors> {
  const { config, tls, log, metrics, about } = setup;
  let inside = starting(setup);
  let leaving = false;
  const health = withHealth(
    (request) => inside.fetch(request),
    about,
    // At once: what a check would find changes nothing, and there is little time to hear of it.
    () => leaving ? { stages: [LEAVING], engines: [] } : inside,
  );
  // Only who passes requests on has to know whose they are.
  const passesOn = config.ANALYTICS_URL.length + config.WEB_URL.length > 0;
  const onError = (error: unknown): void => log.error('handler_failed', { error });
  const main = await listen({
    fetch(request, client) {
      if (passesOn) rememberClient(request, client);
      return health(request);
    },
    upgrade: (request) => inside.upgrade?.(request) ?? health(request),
    host: config.HOST,
    port: config.PORT,
    setting: 'PORT',
    tls,
    onError,
  });
  let open: readonly string[] = [];
  metrics.gauge('helios_stage_open', 'Always 1; a stage this process lets requests in to', [
    'stage',
  ], () => open.map((stage) => ({ labels: { stage }, value: 1 })));
  let inner: Listener;
  try {
    // Metrics tell about the inside: they are never at the public door, and need no key at this one.
    inner = await listen({
      fetch: (request) => metricsAnswer(request, metrics, isLoopback(config.METRICS_HOST)),
      host: config.METRICS_HOST,
      port: config.METRICS_PORT,
      setting: 'METRICS_PORT',
      hostSetting: 'METRICS_HOST',
      onError,
    });
  } catch (error) {
    await main.close(0);
    throw error;
  }
  return {
    ports: { PORT: main.port, METRICS_PORT: inner.port },
    letIn(stages, engines) {
      const door = stages.find(({ name }) => name === 'gateway') ?? createStageDoor({
        analytics: stages.find(({ name }) => name === 'analytics'),
        web: stages.find(({ name }) => name === 'web'),
        loopback: isLoopback(config.HOST),
        adminKey: config.ADMIN_KEY,
      });
      inside = {
        fetch: (request) => door.fetch(request),
        upgrade: door.upgrade && ((request) => door.upgrade!(request)),
        stages: stages.map((stage) => ({ name: stage.name, check: () => stage.ready() })),
        engines,
      };
      open = stages.map(({ name }) => name);
    },
    leave() {
      leaving = true;
      main.leave();
    },
    async close() {
      open = [];
      await Promise.all([main.close(), inner.close()]);
    },
  };
}

interface Inside {
  fetch: Route;
  upgrade: Upgrade | undefined;
  stages: readonly Checked[];
  engines: readonly Checked[];
}

const LEAVING: Checked = {
  name: 'process',
  check: () => Promise.reject(new Error('It was told to stop, and leaves')),
};

function starting({ waitingFor }: DoorsSetup): Inside {
  const answer = (): Response => problem(503, 'The exchange is starting', { 'retry-after': '1' });
  return {
    fetch: answer,
    upgrade: answer,
    stages: [{ name: 'start', check: () => Promise.reject(new Error('Still starting')) }],
    get engines() {
      return waitingFor().map(({ name, reason }) => ({
        name,
        check: () => Promise.reject(new Error(reason)),
      }));
    },
  };
}

async function metricsAnswer(
  { url, headers }: Request,
  metrics: Metrics,
  loopback: boolean,
): Promise<Response> {
  const foreign = foreignRequest(headers, loopback);
  if (foreign) return problem(403, foreign);
  if (new URL(url).pathname !== '/metrics') return new Response(null, { status: 404 });
  const { text, contentType } = await metrics.render();
  return new Response(text, { headers: { 'content-type': contentType } });
}
