/** The engines of a cluster: those that are given, or Kafka and Redis of its own. */
import { type KafkaAdmin, openKafkaAdmin } from '#shared/bus/kafka-admin.ts';
import type { TopicNames } from '#shared/bus/kafka-topics.ts';
import { startKafka } from '../engines/kafka.ts';
import { startRedis } from '../engines/redis.ts';

export interface EngineChoice {
  /** `host:port` each; empty: a Kafka of its own. */
  kafkaBrokers: readonly string[];
  /** Of that one. */
  brokers: 1 | 3;
  /** Undefined: a Redis of its own. */
  redisUrl: string | undefined;
  names: TopicNames;
  partitions: number;
}

export interface ClusterEngines {
  kafkaBrokers: string[];
  redisUrl: string;
  /** Of the topics, which are there now. */
  admin: KafkaAdmin;
  /** Ends what was started here; its data is gone then. */
  stop(): Promise<void>;
}

/** Copies of each record, where there are as many brokers. */
const REPLICATION_MAX = 3;

/** @throws an Error with one line; what was started is ended again. */
export async function openEngines(choice: EngineChoice): Promise<ClusterEngines> {
  const undo: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  const kept = async <E extends { stop(): Promise<void> }>(starting: Promise<E>): Promise<E> => {
    const engine = await starting;
    undo.push(() => engine.stop());
    return engine;
  };
  const { kafkaBrokers, brokers, redisUrl, names, partitions } = choice;
  const started = await Promise.allSettled([
    kafkaBrokers.length > 0 ? undefined : kept(startKafka({ brokers })),
    redisUrl === undefined ? kept(startRedis()) : undefined,
  ]);
  try {
    const [kafka, redis] = started.map((one) => {
      if (one.status === 'rejected') throw one.reason;
      return one.value;
    }) as [Awaited<ReturnType<typeof startKafka>>?, Awaited<ReturnType<typeof startRedis>>?];
    const addresses = kafka?.addresses ?? [...kafkaBrokers];
    const admin = await openKafkaAdmin(addresses);
    undo.push(() => admin.close());
    const replication = Math.min(REPLICATION_MAX, await admin.brokers());
    await admin.create(names, { partitions, replication });
    return { kafkaBrokers: addresses, redisUrl: redis?.url ?? redisUrl!, admin, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
