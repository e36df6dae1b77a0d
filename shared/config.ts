/** The settings, read once from the environment. A wrong one names variable, value and what is allowed. */
import { isIP } from 'node:net';
import { z } from 'zod';
import { PARTITIONS_MAX } from './model/auction-id.ts';
import { LOG_LEVELS } from './log.ts';
import { type TopicName, TOPICS } from './model/events.ts';
import { readSecretFiles, SECRET_SETTINGS } from './secret-files.ts';
import {
  address,
  brokers,
  clickhouseUrl,
  file,
  floor,
  listenAddress,
  origins,
  port,
  redisUrl,
  share,
  whole,
} from './setting-values.ts';
import { tracingSettings } from './tracing/tracing-settings.ts';

/** `KAFKA_TOPIC_BID_REQUESTS` and so on: what each topic is called on Kafka. */
const topicNames = Object.fromEntries(
  (Object.keys(TOPICS) as TopicName[]).map((topic) => [
    topicVariable(topic),
    z.string().default(topic).refine(
      (text) => /^[A-Za-z0-9._-]{1,240}$/.test(text) && !text.endsWith('.dlq'),
      "up to 240 letters, digits, '.', '_' and '-'",
    ),
  ]),
);

function topicVariable(topic: TopicName): string {
  return `KAFKA_TOPIC_${topic.toUpperCase()}`;
}

const LOCAL_ABLE = (Object.keys(TOPICS) as TopicName[]).filter((topic) =>
  !TOPICS[topic].durable && !TOPICS[topic].single
);
const localTopics = z.string().optional().transform((text, context) => {
  const list = text?.split(',').map((one) => one.trim()).filter((one) => one !== '') ?? [];
  if (list.every((one) => (LOCAL_ABLE as string[]).includes(one))) return list as TopicName[];
  context.addIssue(`${LOCAL_ABLE.join(', ')}, several with commas between`);
  return z.NEVER;
});

/** `ADMIN_KEY_FILE` and so on: where the secret is, instead of the secret. */
const secretFiles = Object.fromEntries(SECRET_SETTINGS.map((name) => [`${name}_FILE`, file]));

/** Every variable the exchange knows. The texts of the `refine`s complete "allowed is …". */
export const Environment = z.object({
  HOST: listenAddress,
  /**
   * The address others find HOST's door at, where that is another one: a container listens on all of
   * its own addresses, and its port is published on one of the machine's.
   */
  PUBLISHED_HOST: z.string().optional().refine(
    (text) => text === undefined || text === 'localhost' || isIP(text) !== 0,
    'an IP address, or localhost',
  ),
  /** Profiles and metrics (with what each seat pays) have no keys: they stay on loopback unless told. */
  PROFILE_HOST: listenAddress,
  METRICS_HOST: listenAddress,
  PORT: port(8080),
  PROFILE_PORT: port(50051),
  METRICS_PORT: port(2112),
  CLICKHOUSE_PORT: port(8123),
  /** A ClickHouse server, or another process's clickhouse stage; unset: ClickHouse in process. */
  CLICKHOUSE_URL: clickhouseUrl,
  /** Kafka's addresses; unset: a bus in process, journalled in DATA_DIR. */
  KAFKA_BROKERS: brokers,
  ...topicNames,
  /** Topics that stay in this process: of those that need not outlive it. */
  LOCAL_TOPICS: localTopics,
  /** Of so many gateways at most, this is the one with the index: it uses every COUNTth partition. */
  GATEWAY_INDEX: whole(0, 0, PARTITIONS_MAX - 1),
  GATEWAY_COUNT: whole(1, 1, PARTITIONS_MAX),
  /** Profiles and claims that all processes share; unset: SQLite in DATA_DIR. */
  REDIS_URL: redisUrl,
  /** Password of the clickhouse stage; unset: one made at the first start, in DATA_DIR. */
  CLICKHOUSE_TOKEN: z.string().optional().refine(
    (text) => text === undefined || /^[A-Za-z0-9_-]{24,}$/.test(text),
    'a secret of at least 24 letters, digits, - and _',
  ),
  /** PEM files of the public door; both or neither. */
  TLS_CERT_FILE: file,
  TLS_KEY_FILE: file,
  /** PEM of the authorities that vouch for ANALYTICS_URL and WEB_URL; unset: those of the runtime. */
  TLS_CA_FILE: file,
  /** Where stages of other processes are, when they are not hosted here. */
  ANALYTICS_URL: origins,
  WEB_URL: origins,
  DATA_DIR: z.string().default('./data').refine((text) => text.length > 0, 'a folder'),
  /** A header holds neither the line break that ends many a secret nor letters beyond ASCII for certain. */
  ADMIN_KEY: z.string().trim().optional().refine(
    (text) => text === undefined || /^[ -~]{24,}$/.test(text),
    'a secret of at least 24 ASCII characters',
  ),
  /**
   * ms after SIGTERM in which requests are still taken while /readyz says no: until whoever sends them
   * here has seen that.
   */
  DRAIN_MS: whole(0, 0, 60_000),
  LOG_LEVEL: z.string().default('info')
    .refine((text) => (LOG_LEVELS as readonly string[]).includes(text), LOG_LEVELS.join(', '))
    .transform((text) => text as (typeof LOG_LEVELS)[number]),
  /** Of every auction topic of the bus in process; unset: as the journal has, one in a new one. */
  PARTITIONS: whole(undefined, 1, PARTITIONS_MAX),
  /** Bidding groups to host; unset: every group that is configured. */
  BIDDING_GROUP: z.string().optional().refine(
    (text) => text === undefined || text.length > 0,
    'the name of a bidding group',
  ),
  /** Share of auctions whose details are kept. */
  DETAIL_SAMPLE: share(1),
  /** ms a publisher waits when the request names no tmax. */
  TMAX_DEFAULT: whole(100, 10, 10_000),
  /** What an imp without `bidfloor` sells for at least; the auction stage's. */
  BIDFLOOR_DEFAULT: floor,
  /** Requests that may wait for their auction before new ones are refused with 503. */
  WAITING_MAX: whole(2_000, 1, 100_000),
  /** Whether the first start loads demo campaigns, publishers and users. */
  DEMO_DATA: z.string().default('on')
    .refine((text) => text === 'on' || text === 'off', 'on, off')
    .transform((text) => text === 'on'),
  USER_PROFILE_SVC_ADDR: address,
  ...secretFiles,
  ...tracingSettings,
});
export type Config = z.infer<typeof Environment>;

export class ConfigError extends Error {
  override name = 'ConfigError';
}

/** @throws {ConfigError} with one line per wrong variable. */
export function parseConfig(environment: Record<string, string | undefined>): Config {
  const present = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const { values, faults } = readSecretFiles(present as Record<string, string>);
  const lines = faults.map(({ name, fault }) => `${name}: ${fault}`);
  const parsed = Environment.safeParse(values);
  for (const issue of parsed.error?.issues ?? []) {
    const name = String(issue.path[0]);
    lines.push(`${name}=${shown(name, values[name])}: allowed is ${issue.message}`);
  }
  const tls = ['TLS_CERT_FILE', 'TLS_KEY_FILE'] as const;
  const without = tls.find((name) => !(name in present));
  if (without && tls.some((name) => name in present)) {
    lines.push(`${without} is not set: ${tls.join(' and ')} go together`);
  }
  if (parsed.success && parsed.data.GATEWAY_INDEX >= parsed.data.GATEWAY_COUNT) {
    const { GATEWAY_INDEX, GATEWAY_COUNT } = parsed.data;
    lines.push(
      `GATEWAY_INDEX="${GATEWAY_INDEX}": allowed is 0 to ${
        GATEWAY_COUNT - 1
      }, below GATEWAY_COUNT=${GATEWAY_COUNT}`,
    );
  }
  if (parsed.success) {
    const names = Object.entries(topicNamesOf(parsed.data)) as [TopicName, string][];
    for (const [index, [topic, name]] of names.entries()) {
      const [other] = names.slice(0, index).find(([, taken]) => taken === name) ?? [];
      if (other === undefined) continue;
      const variable = topicVariable(topic);
      lines.push(`${variable}="${name}": allowed is another name than ${topicVariable(other)}'s`);
    }
  }
  if (lines.length > 0 || !parsed.success) throw new ConfigError(lines.join('\n'));
  return parsed.data;
}

/** What each topic is called on Kafka. */
export function topicNamesOf(config: Config): Record<TopicName, string> {
  const settings = config as Record<string, unknown>;
  const names = Object.keys(TOPICS).map((topic) => [
    topic,
    settings[topicVariable(topic as TopicName)],
  ]);
  return Object.fromEntries(names);
}

/** Whether the public door is for this machine only: by where it is published, else where it listens. */
export function isPrivateDoor({ HOST, PUBLISHED_HOST }: Config): boolean {
  return isLoopback(PUBLISHED_HOST ?? HOST);
}

/** A loopback address reaches this machine only: no keys are asked there. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\./.test(host);
}

function shown(name: string, value = ''): string {
  if (SECRETS.has(name)) return '(hidden)';
  return JSON.stringify(/_(URL|ENDPOINT)$/.test(name) ? withoutSecrets(value) : value);
}
const SECRETS: ReadonlySet<string> = new Set([
  'ADMIN_KEY',
  'CLICKHOUSE_TOKEN',
  'OTEL_EXPORTER_OTLP_HEADERS',
]);

/** An address that cannot be read may hold its password anywhere before the host, or after a `?`. */
function withoutSecrets(url: string): string {
  return url.replace(/^([\w-]+:\/\/)?.*@/s, '$1(hidden)@').replace(/\?.*$/s, '?(hidden)');
}
