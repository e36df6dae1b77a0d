/** Makes the chosen stages out of the engines and each other's doors. The only place that knows them all. */
import type { Backends, Seam } from '#shared/backends.ts';
import { type Config, ConfigError, isLoopback } from '#shared/config.ts';
import type { Log } from '#shared/log.ts';
import type { Metrics } from '#shared/metrics.ts';
import type { TopicName } from '#shared/model/events.ts';
import type { Dashboard } from '#shared/runtime/dashboard.ts';
import { listen } from '#shared/runtime/http-server.ts';
import { createRemoteRoute } from '#shared/runtime/remote-route.ts';
import { createSocketRelay } from '#shared/runtime/socket-relay.ts';
import { readAuthorities } from '#shared/runtime/tls-files.ts';
import {
  type Route,
  type Service,
  type StageName,
  STAGES,
  systemClock,
  type Upgrade,
} from '#shared/service.ts';
import { createAnalytics } from './analytics/app.ts';
import { createAuction } from './auction/app.ts';
import { createBidding } from './bidding/app.ts';
import { createRemoteProfileClient } from './bidding/profile-channel.ts';
import { createProfileLookup } from './bidding/profile-lookup.ts';
import { createClickhouse } from './clickhouse/app.ts';
import { createGateway } from './gateway/app.ts';
import { createProfile } from './profile/app.ts';
import { createSampleTraffic } from './sample-traffic.ts';
import { createWeb } from './web/app.ts';

/** Stages that write and read a topic that may stay in a process: they must then be hosted together. */
const TOGETHER: readonly { topic: TopicName; stages: readonly StageName[] }[] = [
  { topic: 'bid_requests', stages: ['gateway', 'bidding', 'auction'] },
  { topic: 'bid_responses', stages: ['bidding', 'auction'] },
  { topic: 'auction_details', stages: ['auction', 'analytics'] },
];

/** The engines each stage works with. */
const NEEDS: Readonly<Record<StageName, readonly Seam[]>> = {
  gateway: ['bus', 'catalog', 'store'],
  profile: ['store'],
  bidding: ['bus', 'catalog'],
  auction: ['bus', 'catalog'],
  analytics: ['bus', 'catalog', 'warehouse'],
  clickhouse: ['warehouse'],
  web: [],
};

/** What a process that hosts these stages has to open. */
export function needsOf(chosen: readonly StageName[]): ReadonlySet<Seam> {
  return new Set(chosen.flatMap((stage) => NEEDS[stage]));
}

/**
 * The stages named on the command line, all without a name.
 * @throws {ConfigError} for a name that is none, or a choice that cannot work.
 */
export function chooseStages(names: readonly string[], config: Config): StageName[] {
  const wrong = names.filter((name) => !(STAGES as readonly string[]).includes(name));
  if (wrong.length > 0) {
    throw new ConfigError(`Stage ${wrong.join(', ')}: allowed is ${STAGES.join(', ')}`);
  }
  // A server that is configured takes the place of the embedded engine.
  const here = (stage: StageName): boolean => !(stage === 'clickhouse' && config.CLICKHOUSE_URL);
  const chosen = STAGES.filter((stage) => names.length === 0 ? here(stage) : names.includes(stage));
  if (!chosen.every(here)) {
    throw new ConfigError(
      'Cannot host clickhouse, the engine in process, with CLICKHOUSE_URL: leave out one of them',
    );
  }
  for (const { topic, stages } of TOGETHER) {
    const missing = stages.filter((stage) => !chosen.includes(stage));
    if (!isLocal(config, topic) || missing.length === 0 || missing.length === stages.length) {
      continue;
    }
    throw new ConfigError(
      `Cannot host ${chosen.join(' ')}: ${topic} stays in this process, and ` +
        `${
          missing.join(' and ')
        } is not hosted here: add it, or see LOCAL_TOPICS and KAFKA_BROKERS`,
    );
  }
  if (chosen.includes('bidding') && !chosen.includes('profile') && !config.USER_PROFILE_SVC_ADDR) {
    throw new ConfigError(
      'Cannot host bidding without profile: set USER_PROFILE_SVC_ADDR or add the stage',
    );
  }
  const analytics = chosen.includes('analytics') || config.ANALYTICS_URL.length > 0;
  if (chosen.includes('web') && !analytics) {
    throw new ConfigError('Cannot host web without analytics: set ANALYTICS_URL or add the stage');
  }
  return chosen;
}

/** Without Kafka nothing leaves the process; what nobody reads there is no loss. */
function isLocal({ KAFKA_BROKERS, LOCAL_TOPICS }: Config, topic: TopicName): boolean {
  if (KAFKA_BROKERS.length === 0) return topic !== 'auction_details';
  return LOCAL_TOPICS.includes(topic);
}

/** Every GATEWAY_COUNTth partition from GATEWAY_INDEX on. */
function sliceOf({ GATEWAY_INDEX, GATEWAY_COUNT }: Config, partitions: number): number[] {
  if (GATEWAY_COUNT > partitions) {
    throw new ConfigError(
      `GATEWAY_COUNT="${GATEWAY_COUNT}": allowed is at most the ${partitions} partitions of the topics`,
    );
  }
  return Array.from({ length: partitions }, (_, partition) => partition)
    .filter((partition) => partition % GATEWAY_COUNT === GATEWAY_INDEX);
}

export interface StageSetup {
  config: Config;
  backends: Backends;
  log: Log;
  metrics: Metrics;
  /** Undefined when it was not built. */
  dashboard: Dashboard | undefined;
  /** Of the clickhouse stage; undefined where it is not hosted. */
  sqlToken: string | undefined;
}

/** In the order of the pipeline: the order to close in. They are started in the reverse order. */
export function makeStages(chosen: readonly StageName[], setup: StageSetup): Service[] {
  const { config, backends, metrics, dashboard, sqlToken } = setup;
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
      loopback: isLoopback(config.HOST),
      adminKey: config.ADMIN_KEY,
      tmaxDefaultMs: config.TMAX_DEFAULT,
      waitingMax: config.WAITING_MAX,
      routes: {
        ...(toAnalytics && { analytics: toAnalytics }),
        ...(toLive && { live: toLive }),
        ...(toWeb && { web: toWeb }),
      },
      sampleTraffic: createSampleTraffic({ send: door, clock, seed: () => clock.now() }),
    });
    made.push(gateway);
  }
  if (hosts('bidding')) {
    const client = config.USER_PROFILE_SVC_ADDR
      ? createRemoteProfileClient(config.USER_PROFILE_SVC_ADDR)
      : profile!.client;
    made.push(createBidding({
      bus: backends.bus,
      catalog: backends.catalog,
      lookup: createProfileLookup({ client, clock, metrics }),
      clock,
      log: logOf('bidding'),
      metrics,
      group: config.BIDDING_GROUP,
    }));
  }
  if (hosts('auction')) {
    made.push(createAuction({
      bus: backends.bus,
      catalog: backends.catalog,
      clock,
      log: logOf('auction'),
      metrics,
      detailSample: config.DETAIL_SAMPLE,
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
