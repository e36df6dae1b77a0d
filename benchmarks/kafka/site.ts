/** Engines and processes of one measurement, all ended with it, also when it fails. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { type KafkaAdmin, openKafkaAdmin } from '#shared/bus/kafka-admin.ts';
import type { TopicNames } from '#shared/bus/kafka-topics.ts';
import { type TopicName, TOPICS } from '#shared/model/events.ts';
import { runtimeName } from '#shared/runtime/runtime.ts';
import type { StageName } from '#shared/service.ts';
import { type RunningKafka, startKafka } from '../../scripts/engines/kafka.ts';
import { type RunningRedis, startRedis } from '../../scripts/engines/redis.ts';
import type { Child } from '../../scripts/load/child.ts';
import { type ExchangePorts, exchangePorts, startExchange } from '../../scripts/load/exchange.ts';
import { runtimeCommand } from '../../scripts/load/runtime-command.ts';
import type { Metered } from './meters.ts';

export interface StageProcess extends Metered {
  child: Child;
  ports: ExchangePorts;
  url: string;
}

export interface Site {
  kafka: RunningKafka;
  redis: RunningRedis;
  admin: KafkaAdmin;
  /** Of the broker's files. */
  kafkaDir: string;
  /** The broker and Redis. */
  engines: Metered[];
  /** A new folder, removed at the end. */
  folder(name: string): string;
  stop(): Promise<void>;
}

/** What a person may have set for an exchange of their own. */
const UNSET = Object.fromEntries(
  [
    'KAFKA_BROKERS',
    'REDIS_URL',
    'CLICKHOUSE_URL',
    'CLICKHOUSE_TOKEN',
    'ANALYTICS_URL',
    'WEB_URL',
    'USER_PROFILE_SVC_ADDR',
    'BIDDING_GROUP',
    'LOCAL_TOPICS',
    'GATEWAY_INDEX',
    'GATEWAY_COUNT',
    'TLS_CERT_FILE',
    'TLS_KEY_FILE',
    'TLS_CA_FILE',
    'ADMIN_KEY',
  ].map((name) => [name, '']),
);

/** One broker and one Redis. */
export async function openSite(): Promise<Site> {
  const dir = mkdtempSync(path.join(tmpdir(), 'helios-bench-kafka-'));
  const remove = () => rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  process.once('exit', remove);
  const kafkaDir = path.join(dir, 'kafka');
  const kafka = await startKafka({ dir: kafkaDir });
  const redis = await startRedis({ dir: path.join(dir, 'redis') });
  const admin = await openKafkaAdmin(kafka.addresses);
  return {
    kafka,
    redis,
    admin,
    kafkaDir,
    engines: [
      { name: 'kafka', part: 'engine', pid: kafka.broker(0).pid },
      { name: 'redis', part: 'engine', pid: redis.node(0).pid },
    ],
    folder: (name) => mkdtempSync(path.join(dir, `${name}-`)),
    async stop() {
      await admin.close();
      await Promise.all([kafka.stop(), redis.stop()]);
      remove();
    },
  };
}

/** Names of the topics of one shape: each has its own, so that none reads what others left. */
export function topicNames(prefix: string): TopicNames {
  const names = Object.keys(TOPICS).map((topic) => [topic, `${prefix}_${topic}`]);
  return Object.fromEntries(names) as TopicNames;
}

/** The settings that say so to a stage. */
export function topicSettings(names: TopicNames): Record<string, string> {
  const settings = (Object.keys(names) as TopicName[]).map((topic) => [
    `KAFKA_TOPIC_${topic.toUpperCase()}`,
    names[topic],
  ]);
  return Object.fromEntries(settings);
}

export interface StageOrder {
  name: string;
  part: Metered['part'];
  stages: readonly StageName[];
  env: Record<string, string>;
}

/** Resolves when it is ready. */
export async function startStage(site: Site, order: StageOrder): Promise<StageProcess> {
  const ports = await exchangePorts();
  const folder = site.folder(order.name);
  const counts = path.join(folder, 'counts.json');
  const command = runtimeCommand(runtimeName, 'services/main.ts', COUNTING);
  const url = `http://127.0.0.1:${ports.PORT}`;
  const child = await startExchange([...command, ...order.stages], url, {
    env: {
      ...UNSET,
      ...Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, String(port)])),
      HOST: '127.0.0.1',
      LOG_LEVEL: 'warn',
      DATA_DIR: path.join(folder, 'data'),
      BENCH_KAFKA_COUNTS: counts,
      ...order.env,
    },
    output: 'pipe',
  });
  // Unread, the pipe would fill and stop the stage.
  child.process.stdout!.resume();
  return { name: order.name, part: order.part, child, pid: child.pid, counts, ports, url };
}

/** Makes a process count its requests; see count-requests.ts. */
export const COUNTING = [
  runtimeName === 'deno' ? '--preload' : '--import',
  fileURLToPath(new URL('count-requests.ts', import.meta.url)),
];
