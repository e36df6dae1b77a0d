/** Topics as they are, for checks and tools: all that is kept is read, and anything may be written. */
import { createKafkaClient } from './kafka-client.ts';
import { tailKafka, type TailRecord } from './kafka-tail.ts';

export interface ReadTopicOptions {
  /** `host:port` each. */
  brokers: readonly string[];
  /** As it is called on Kafka. */
  topic: string;
  /** Ends it before its time; then it rejects. */
  signal?: AbortSignal;
}

/**
 * The records that are there now, those of a partition in their order.
 * @throws {BusError} as {@link tailKafka} does.
 */
export async function readTopic(options: ReadTopicOptions): Promise<TailRecord[]> {
  const { brokers, topic, signal } = options;
  const missing = await readEnds(brokers, topic);
  const records: TailRecord[] = [];
  if (missing.size === 0) return records;
  const done = new AbortController();
  await tailKafka({
    brokers,
    topic,
    from: 'start',
    signal: signal ? AbortSignal.any([signal, done.signal]) : done.signal,
    onRecord(record) {
      const end = missing.get(record.partition);
      if (end === undefined) return;
      records.push(record);
      if (record.offset + 1 >= end) missing.delete(record.partition);
      if (missing.size === 0) done.abort();
    },
  });
  signal?.throwIfAborted();
  return records;
}

/** Offset behind the last record, of the partitions that have any. */
async function readEnds(
  brokers: readonly string[],
  topic: string,
): Promise<Map<number, number>> {
  const client = createKafkaClient({ brokers, clientId: 'helios-tools', retries: 5, onNote() {} });
  const admin = client.admin();
  await admin.connect();
  try {
    const bounds = await admin.fetchTopicOffsets(topic);
    return new Map(
      bounds.filter(({ low, high }) => Number(high) > Number(low))
        .map(({ partition, high }) => [partition, Number(high)]),
    );
  } finally {
    await admin.disconnect();
  }
}

/** Puts texts into one partition, whatever they are. */
export async function writeTopic(
  { brokers, topic, partition, values }: {
    brokers: readonly string[];
    topic: string;
    partition: number;
    values: readonly string[];
  },
): Promise<void> {
  const client = createKafkaClient({ brokers, clientId: 'helios-tools', retries: 5, onNote() {} });
  const producer = client.producer({ allowAutoTopicCreation: false });
  await producer.connect();
  try {
    await producer.send({ topic, messages: values.map((value) => ({ partition, value })) });
  } finally {
    await producer.disconnect();
  }
}
