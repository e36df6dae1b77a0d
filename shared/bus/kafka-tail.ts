/** Follows one topic as it is, for people who look: no group, no position, nothing is committed. */
import { randomUUID } from 'node:crypto';
import { BusError } from './bus.ts';
import { createKafkaClient } from './kafka-client.ts';
import { createConsumer } from './kafka-consumer.ts';

export interface TailOptions {
  /** `host:port` each. */
  brokers: readonly string[];
  /** As it is called on Kafka. */
  topic: string;
  /** From the first record that is kept, or only what comes from now on. */
  from: 'start' | 'end';
  /** Only this one; all without it. */
  partition?: number | undefined;
  /** Told of the records of a partition in their order. */
  onRecord(record: TailRecord): void;
  /** Told once reading has begun. */
  onStart?(partitions: number): void;
  /** Ends it. */
  signal: AbortSignal;
}

export interface TailRecord {
  topic: string;
  partition: number;
  offset: number;
  /** Epoch ms. */
  at: number;
  key: string | undefined;
  headers: Record<string, string>;
  /** As it was sent; undefined for a removal. */
  value: string | undefined;
}

/** ms; a reader of its own is in nobody's way for longer. */
const SESSION_MS = 10_000;

/**
 * Resolves when the signal has ended it.
 * @throws {BusError} `misuse` for a topic or partition that is not there, `unavailable` when no
 * broker answers.
 */
export async function tailKafka(options: TailOptions): Promise<void> {
  const { brokers, topic, signal } = options;
  const client = createKafkaClient({ brokers, clientId: 'helios-tools', retries: 2, onNote() {} });
  const admin = client.admin();
  try {
    await admin.connect();
    if (!(await admin.listTopics()).includes(topic)) {
      throw new BusError('misuse', `Kafka has no topic ${topic}`);
    }
    const next = await readBegin(options, await admin.fetchTopicOffsets(topic));
    await follow(options, client, next, signal);
  } catch (cause) {
    if (cause instanceof BusError) throw cause;
    const text = `Kafka at ${brokers.join(', ')} does not answer: ${(cause as Error).message}`;
    throw new BusError('unavailable', text);
  } finally {
    await admin.disconnect();
  }
}

/** Offset of the first record to show, by partition. */
function readBegin(
  { topic, partition, from }: TailOptions,
  bounds: readonly { partition: number; low: string; high: string }[],
): Map<number, number> {
  const wanted = bounds.filter((bound) => partition === undefined || bound.partition === partition);
  if (wanted.length === 0) {
    const text = `${topic} has no partition ${partition}, only 0 to ${bounds.length - 1}`;
    throw new BusError('misuse', text);
  }
  return new Map(
    wanted.map(({ partition: one, low, high }) => [one, Number(from === 'start' ? low : high)]),
  );
}

async function follow(
  { topic, from, onRecord, onStart }: TailOptions,
  kafka: ReturnType<typeof createKafkaClient>,
  next: Map<number, number>,
  signal: AbortSignal,
): Promise<void> {
  const partitions = [...next.keys()];
  const consumer = createConsumer(`tail.${randomUUID()}`, {
    kafka,
    options: { as: 'slice', partitions, from },
    partitions,
    sessionMs: SESSION_MS,
  });
  try {
    const ended = new Promise<void>((resolve, reject) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
      consumer.on(consumer.events.CRASH, ({ payload }) => {
        if (!payload.restart) reject(payload.error);
      });
    });
    let hasBegun = false;
    // A first join that fails is tried again behind the back of `run`, which resolves all the same.
    consumer.on(consumer.events.GROUP_JOIN, () => {
      for (const [partition, offset] of next) {
        consumer.seek({ topic, partition, offset: String(offset) });
      }
      if (!hasBegun) onStart?.(partitions.length);
      hasBegun = true;
    });
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: from === 'start' });
    await consumer.run({
      autoCommit: false,
      eachBatch: ({ batch }) => {
        const { partition } = batch;
        for (const { offset, timestamp, key, value, headers = {} } of batch.messages) {
          // What was on its way before the seek comes twice.
          if (signal.aborted || Number(offset) < next.get(partition)!) continue;
          next.set(partition, Number(offset) + 1);
          onRecord({
            topic,
            partition,
            offset: Number(offset),
            at: Number(timestamp),
            key: key?.toString(),
            headers: Object.fromEntries(
              Object.entries(headers).map(([name, text]) => [name, String(text)]),
            ),
            value: value?.toString(),
          });
        }
        return Promise.resolve();
      },
    });
    await ended;
  } finally {
    await consumer.disconnect();
  }
}
