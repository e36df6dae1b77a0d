/** Makes the chosen stages out of the engines and each other's doors. The only place that knows them all. */
import type { Backends } from '#shared/backends.ts';
import { type Config, isLoopback, isPrivateDoor } from '#shared/config.ts';
import type { Log } from '#shared/log.ts';
import type { Metrics } from '#shared/metrics.ts';
import type { Dashboard } from '#shared/runtime/dashboard.ts';
import { listen } from '#shared/runtime/http-server.ts';
import { createRemoteRoute } from '#shared/runtime/remote-route.ts';
import { createSocketRelay } from '#shared/runtime/socket-relay.ts';
import { readAuthorities } from '#shared/runtime/tls-files.ts';
import type { Tracing } from '#shared/tracing/open-tracing.ts';
import {
  type Route,
  type Service,
  type StageName,
  systemClock,
  type Upgrade,
} from '#shared/service.ts';
import { createAnalytics } from './analytics/app.ts';
import { createAuction } from './auction/app.ts';
import { createBidding } from './bidding/app.ts';
import { createRemoteProfileClient } from './bidding/profile-channel.ts';
import { createProfileLookup, GATHER_MS } from './bidding/profile-lookup.ts';
import { createClickhouse } from './clickhouse/app.ts';
import { createGateway } from './gateway/app.ts';
import { createProfile } from './profile/app.ts';
import { createSampleTraffic } from './sample-traffic.ts';
import { isLocal, sliceOf } from './stage-choice.ts';
import { createWeb } from './web/app.ts';

export interface StageSetup {
  config: Config;
  backends: Backends;
  log: Log;
  metrics: Metrics;
  /** Undefined when it was not built. */
  dashboard: Dashboard | undefined;
  /** Of the clickhouse stage; undefined where it is not hosted. */
  sqlToken: string | undefined;
  /** Undefined where no traces are exported. */
  tracing?: Tracing | undefined;
}

/** In the order of the pipeline: the order to close in. They are started in the reverse order. */
export function makeStages(chosen: readonly StageName[], setup: StageSetup): Service[] {
  const { config, backends, metrics, dashboard, sqlToken, tracing } = setup;
  const clock = systemClock;
  const logOf = (stage: StageName): Log => setup.log.with({ stage });
  const hosts = (stage: StageName): boolean => chosen.includes(stage);
  const { ADMIN_KEY: key, TLS_CA_FILE } = config;
  const ca = TLS_CA_FILE && readAuthorities(TLS_CA_FILE);
  const remote = (stage: StageName, origins: readonly string[]): Route | undefined =>
    origins.length === 0 ? undefined : createRemoteRoute({ stage, origins, key, ca });
  const remoteSocket = (stage: StageName, origins: readonly string[]): Upgrade | undefined => {
    const onError = (error: Error): void => logOf('gateway').warn('relay_failed', { error });
    return origins.length === 0
      ? undefined
      : createSocketRelay({ stage, origins, key, ca, onError });
  };

  const profile = hosts('profile')
    ? createProfile({
      store: backends.store,
      host: config.PROFILE_HOST,
      port: config.PROFILE_PORT,
      log: logOf('profile'),
      metrics,
      demoData: config.DEMO_DATA,
      tracer: tracing?.of('profile'),
    })
    : undefined;
  const analytics = hosts('analytics')
    ? createAnalytics({
      bus: backends.bus,
      warehouse: backends.warehouse,
      catalog: backends.catalog,
      clock,
      log: logOf('analytics'),
      metrics,
      detailSample: config.DETAIL_SAMPLE,
      tracer: tracing?.of('analytics'),
    })
    : undefined;
  const toAnalytics = analytics
    ? (request: Request) => analytics.fetch(request)
    : remote('analytics', config.ANALYTICS_URL);
  let gateway: Service | undefined;
  // Pages ask at the public door, where access is decided.
  const door: Route = (request) => gateway!.fetch(request);
  const toLive = analytics?.upgrade ?? remoteSocket('analytics', config.ANALYTICS_URL);
  const web = hosts('web')
    ? createWeb({ api: hosts('gateway') ? door : toAnalytics!, dashboard })
    : undefined;
  const toWeb = web ? (request: Request) => web.fetch(request) : remote('web', config.WEB_URL);

  const made: (Service | undefined)[] = [];
  if (hosts('gateway')) {
    const { bus, store, catalog } = backends;
    gateway = createGateway({
      bus,
      store,
      catalog,
      clock,
      log: logOf('gateway'),
      metrics,
      slice: sliceOf(config, bus.partitions),
      echo: isLocal(config, 'bid_requests'),
      loopback: isPrivateDoor(config),
      adminKey: config.ADMIN_KEY,
      tmaxDefaultMs: config.TMAX_DEFAULT,
      waitingMax: config.WAITING_MAX,
      routes: {
        ...(toAnalytics && { analytics: toAnalytics }),
        ...(toLive && { live: toLive }),
        ...(toWeb && { web: toWeb }),
      },
      sampleTraffic: createSampleTraffic({ send: door, clock, seed: () => clock.now() }),
      tracer: tracing?.of('gateway'),
    });
    made.push(gateway);
  }
  if (hosts('bidding')) {
    const remoteProfile = config.USER_PROFILE_SVC_ADDR;
    const client = remoteProfile ? createRemoteProfileClient(remoteProfile) : profile!.client;
    const gatherMs = remoteProfile ? GATHER_MS : 0;
    made.push(createBidding({
      bus: backends.bus,
      catalog: backends.catalog,
      lookup: createProfileLookup({ client, clock, metrics, gatherMs }),
      clock,
      log: logOf('bidding'),
      metrics,
      group: config.BIDDING_GROUP,
      tracer: tracing?.of('bidding'),
    }));
  }
  if (hosts('auction')) {
    made.push(createAuction({
      bus: backends.bus,
      catalog: backends.catalog,
      clock,
      log: logOf('auction'),
      metrics,
      defaultFloorMicros: config.BIDFLOOR_DEFAULT,
      detailSample: config.DETAIL_SAMPLE,
      tracer: tracing?.of('auction'),
    }));
  }
  if (hosts('clickhouse')) {
    made.push(createClickhouse({
      warehouse: backends.warehouse,
      host: sqlHost(config),
      port: config.CLICKHOUSE_PORT,
      token: sqlToken!,
      log: logOf('clickhouse'),
      listen,
    }));
  }
  made.push(analytics, profile, web);
  return made.filter((stage) => stage !== undefined);
}

/**
 * Whoever has the token may do everything, so only who shares one on purpose (in CLICKHOUSE_TOKEN)
 * has the endpoint on a network. Undefined: it is off.
 */
export function sqlHost(config: Config): string | undefined {
  if (isLoopback(config.HOST)) return '127.0.0.1';
  return config.CLICKHOUSE_TOKEN ? config.HOST : undefined;
}
