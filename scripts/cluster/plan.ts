/** Which processes make a cluster on one machine, and with which settings: data, nothing is started. */
import { join } from 'node:path';
import type { RuntimeName } from '#shared/runtime/runtime.ts';
import type { StageName } from '#shared/service.ts';

export interface ClusterOptions {
  /** `host:port`, several with commas between. */
  kafkaBrokers: string;
  redisUrl: string;
  /** A server; else the password of the `clickhouse` process that takes its place. */
  clickhouse: { url: string } | { token: string };
  /** One gateway for each, or one fused node. */
  gatewayPorts: readonly number[];
  /** For everything else: {@link PORTS_EACH} for each process are enough. */
  freePorts: readonly number[];
  /** They take turns within each stage. */
  runtimes: readonly RuntimeName[];
  /** Where each process has a folder. */
  dataDir: string;
  /** Gateway, bidding and auction together in each node, with requests and bids in process. */
  fused?: boolean;
  /** More settings of every process. */
  env?: Readonly<Record<string, string>>;
  /** Processes of a stage; 2 each where it is not given. */
  counts?: Partial<Record<'profile' | 'analytics' | 'auction', number>>;
  /** The bidding group of each bidding process; default two for `house` and one for `partners`. */
  biddingGroups?: readonly string[];
}

export interface ProcessPlan {
  /** As `auction-2`. */
  name: string;
  role: Role;
  stages: readonly StageName[];
  runtime: RuntimeName;
  /** Origins of its door and of its metrics. */
  url: string;
  metricsUrl: string;
  /** All settings it depends on; an empty one is unset, whatever this process has. */
  env: Record<string, string>;
}
export type Role = 'gateway' | 'node' | Exclude<StageName, 'gateway'>;

export interface ClusterPlan {
  /** In the order in which they end: along the pipeline. */
  processes: ProcessPlan[];
  /** Doors for publishers and people. */
  gateways: string[];
  /** As CLICKHOUSE_URL takes it. */
  clickhouseUrl: string;
}

export const PORTS_EACH = 3;

const BIDDING_GROUPS = ['house', 'house', 'partners'];
/** What a person may have set for a single exchange, and what would reach into every process. */
const UNSET = Object.fromEntries(
  [
    'KAFKA_BROKERS',
    'REDIS_URL',
    'REDIS_URL_FILE',
    'CLICKHOUSE_URL',
    'CLICKHOUSE_URL_FILE',
    'CLICKHOUSE_TOKEN',
    'CLICKHOUSE_TOKEN_FILE',
    'ANALYTICS_URL',
    'WEB_URL',
    'USER_PROFILE_SVC_ADDR',
    'BIDDING_GROUP',
    'LOCAL_TOPICS',
    'PUBLISHED_HOST',
    'GATEWAY_INDEX',
    'GATEWAY_COUNT',
    'TLS_CERT_FILE',
    'TLS_KEY_FILE',
    'TLS_CA_FILE',
  ].map((name) => [name, '']),
);

/** @throws {RangeError} when there are too few ports. */
export function planCluster(options: ClusterOptions): ClusterPlan {
  const { kafkaBrokers, redisUrl, gatewayPorts, fused = false, counts = {} } = options;
  const port = portTaker(options.freePorts);
  const made = new Map<Role, ProcessPlan[]>();
  const add = (
    role: Role,
    env: Record<string, string>,
    { door = port(), stages = [role as StageName] } = {},
  ): ProcessPlan => {
    const others = made.get(role) ?? [];
    const name = `${role}-${others.length + 1}`;
    const metricsPort = port();
    const plan = {
      name,
      role,
      stages,
      runtime: options.runtimes[others.length % options.runtimes.length]!,
      url: `http://127.0.0.1:${door}`,
      metricsUrl: `http://127.0.0.1:${metricsPort}/metrics`,
      env: {
        ...UNSET,
        ...options.env,
        HOST: '127.0.0.1',
        PROFILE_HOST: '127.0.0.1',
        METRICS_HOST: '127.0.0.1',
        PORT: String(door),
        METRICS_PORT: String(metricsPort),
        DATA_DIR: join(options.dataDir, name),
        ...env,
      },
    };
    made.set(role, [...others, plan]);
    return plan;
  };
  const times = (count: number, work: (index: number) => void): void => {
    for (let index = 0; index < count; index++) work(index);
  };

  let clickhouseUrl = 'url' in options.clickhouse ? options.clickhouse.url : '';
  if ('token' in options.clickhouse) {
    const { token } = options.clickhouse;
    const sqlPort = port();
    clickhouseUrl = `http://default:${token}@127.0.0.1:${sqlPort}`;
    add('clickhouse', { CLICKHOUSE_PORT: String(sqlPort), CLICKHOUSE_TOKEN: token });
  }
  const bus = { KAFKA_BROKERS: kafkaBrokers };
  const profiles: string[] = [];
  times(counts.profile ?? 2, () => {
    const PROFILE_PORT = String(port());
    add('profile', { REDIS_URL: redisUrl, PROFILE_PORT });
    profiles.push(`127.0.0.1:${PROFILE_PORT}`);
  });
  times(counts.analytics ?? 2, () => {
    add('analytics', { ...bus, CLICKHOUSE_URL: clickhouseUrl });
  });
  const ANALYTICS_URL = made.get('analytics')!.map(({ url }) => url).join(',');
  const WEB_URL = add('web', { ANALYTICS_URL }).url;
  const profileOf = (index: number) => ({
    USER_PROFILE_SVC_ADDR: profiles[index % profiles.length]!,
  });
  if (!fused) {
    times(counts.auction ?? 2, () => add('auction', bus));
    const groups = options.biddingGroups ?? BIDDING_GROUPS;
    groups.forEach((group, index) =>
      add('bidding', { ...bus, ...profileOf(index), BIDDING_GROUP: group })
    );
  }
  gatewayPorts.forEach((door, index) => {
    const env = {
      ...bus,
      REDIS_URL: redisUrl,
      ANALYTICS_URL,
      WEB_URL,
      GATEWAY_INDEX: String(index),
      GATEWAY_COUNT: String(gatewayPorts.length),
    };
    if (fused) {
      const LOCAL_TOPICS = 'bid_requests,bid_responses';
      const stages: StageName[] = ['gateway', 'bidding', 'auction'];
      add('node', { ...env, ...profileOf(index), LOCAL_TOPICS }, { door, stages });
    } else add('gateway', env, { door });
  });
  return {
    processes: STOP_ORDER.flatMap((role) => made.get(role) ?? []),
    gateways: gatewayPorts.map((door) => `http://127.0.0.1:${door}`),
    clickhouseUrl,
  };
}

/** Nobody ends before those who need it. */
const STOP_ORDER: readonly Role[] = [
  'gateway',
  'node',
  'bidding',
  'auction',
  'web',
  'analytics',
  'profile',
  'clickhouse',
];

function portTaker(ports: readonly number[]): () => number {
  let taken = 0;
  return () => {
    const port = ports[taken++];
    if (port === undefined) throw new RangeError(`Cannot plan: ${ports.length} ports are too few`);
    return port;
  };
}
