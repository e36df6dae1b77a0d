/**
 * The bus over Apache Kafka, for many processes on many machines. Partitions are Kafka's, durable
 * topics are acknowledged by all replicas in sync, groups are consumer groups. See
 * docs/architecture.md for the rules; `contract.ts` is what it owes the stages.
 */
import type { Admin } from 'kafkajs';
import { type TopicName, TOPICS } from '../model/events.ts';
import {
  type Bus,
  BusError,
  type Handlers,
  type Outgoing,
  type Reader,
  type ReadOptions,
} from './bus.ts';
import { createKafkaClient } from './kafka-client.ts';
import { createKafkaPublisher, type KafkaPublisher } from './kafka-publisher.ts';
import { KafkaReader } from './kafka-reader.ts';
import type { RawRecord } from './kafka-topic-queue.ts';
import { readPartitions, TOPIC_NAMES, type TopicNames } from './kafka-topics.ts';
import { SenderClocks } from './sender-clocks.ts';

export interface KafkaBusOptions {
  /** `host:port` each. */
  brokers: readonly string[];
  /** What each topic is called on Kafka. */
  names: TopicNames;
  /** Topics that are on Kafka; all without it. Others cannot be published or read. */
  topics?: readonly TopicName[];
  /** Names this process in Kafka's tools. */
  clientId: string;
  /** ms without a heartbeat after which a reader's partitions go to others. */
  sessionMs?: number;
  /** Whether messages carry their trace as a header, and take it from there; not without it. */
  traceHeaders?: boolean;
  onError(error: unknown, where: { topic?: TopicName }): void;
  /** A message that could not be read; it is kept in the topic's place for dead letters. */
  onDeadLetter?(topic: TopicName, fault: string): void;
  /** Why the bus is not there yet; told whenever the reason changes. */
  onWait?(reason: string): void;
  /** Ends the waiting. */
  signal?: AbortSignal;
  now?: () => number;
  /** Learns how clocks of other processes differ; deadlines are read in the time of `now`. */
  clocks?: SenderClocks;
}

/**
 * Long enough for a pause of the garbage collector or a busy machine, short enough that the auctions
 * of a killed process are missed for ten seconds at most.
 */
const SESSION_MS = 10_000;
const WAIT_MS = 500;
/** ms an answer of {@link Bus.check} holds: readiness is asked often. */
const CHECK_HOLDS_MS = 1_000;

/**
 * Waits until Kafka is there and has the topics.
 * @throws {BusError} `misuse` when the topics do not fit together, `closed` when the signal came.
 */
export async function createKafkaBus(options: KafkaBusOptions): Promise<Bus> {
  // What is asked on the side is asked again by whoever asked; what is sent must get there.
  const onNote = (): void => {};
  const admin = createKafkaClient({ ...options, onNote, retries: 1 }).admin();
  const kafka = createKafkaClient({ ...options, onNote, retries: 20 });
  const topics = options.topics ?? TOPIC_NAMES;
  const partitions = await until(options, async () => {
    await admin.connect();
    return await readPartitions(admin, options.names, topics);
  });
  const { names, now = Date.now, traceHeaders } = options;
  const publisher = await until(
    options,
    () => createKafkaPublisher(kafka, names, now, traceHeaders),
  );
  return new KafkaBus(options, { kafka, admin, publisher, partitions });
}

interface Parts {
  kafka: ReturnType<typeof createKafkaClient>;
  admin: Admin;
  publisher: KafkaPublisher;
  partitions: number;
}

class KafkaBus implements Bus {
  readonly partitions: number;
  readonly #options: KafkaBusOptions;
  readonly #parts: Parts;
  readonly #readers = new Set<KafkaReader>();
  #checked = { at: -Infinity, answer: Promise.resolve() };
  #lettersFail = false;
  #closed = false;

  constructor(options: KafkaBusOptions, parts: Parts) {
    this.#options = options;
    this.#parts = parts;
    this.partitions = parts.partitions;
  }

  publish<T extends TopicName>(
    topic: T,
    records: readonly Outgoing<T>[],
    promised = false,
  ): Promise<void> {
    if (this.#closed) return Promise.reject(closedError(`publish to ${topic}`));
    const count = this.#count(topic);
    const wrong = records.find(({ partition }) => !(partition >= 0 && partition < count));
    if (wrong) {
      const text = `Cannot publish to ${topic}: there is no partition ${wrong.partition}`;
      return Promise.reject(new BusError('misuse', text));
    }
    return this.#parts.publisher.publish(topic, records, promised);
  }

  async read(options: ReadOptions, handlers: Handlers): Promise<Reader> {
    if (this.#closed) throw closedError('read');
    const { names, onError, sessionMs = SESSION_MS, now = Date.now } = this.#options;
    const { clocks = new SenderClocks(), traceHeaders = false } = this.#options;
    const { kafka, admin } = this.#parts;
    const [topic] = Object.keys(handlers) as TopicName[];
    const reader: KafkaReader = new KafkaReader({
      kafka,
      admin,
      names,
      partitions: Array.from({ length: this.#count(topic!) }, (_, partition) => partition),
      options,
      handlers,
      sessionMs,
      clocks,
      now,
      traceHeaders,
      unreadable: (of, record, fault) => this.#deadLetter(of, record, fault),
      onError: (error) => onError(error, { topic: topic! }),
      onClose: () => this.#readers.delete(reader),
    });
    this.#readers.add(reader);
    await reader.start();
    return reader;
  }

  async check(): Promise<void> {
    if (this.#closed) throw closedError('use the bus');
    await this.#answers();
    const missed = this.#readers.values().find(({ isMissed }) => isMissed);
    if (!missed) return;
    const topics = [...missed.waiting.keys()].map((topic) => this.#options.names[topic]).join(', ');
    const text =
      `Kafka answers, but ${topics} is not read here yet: the reader joins its group again`;
    throw new BusError('unavailable', text);
  }

  /** Whether Kafka does. */
  #answers(): Promise<void> {
    const now = performance.now();
    if (now - this.#checked.at > CHECK_HOLDS_MS) {
      const answer = this.#parts.admin.describeCluster().then(() => {}, (cause) => {
        const where = this.#options.brokers.join(', ');
        const text = `Kafka at ${where} does not answer: ${(cause as Error).message}`;
        throw new BusError('unavailable', text, { cause });
      });
      answer.catch(() => {});
      this.#checked = { at: now, answer };
    }
    return this.#checked.answer;
  }

  depths(): { topic: TopicName; waiting: number }[] {
    return TOPIC_NAMES.map((topic) => {
      let waiting = this.#parts.publisher.waiting(topic);
      for (const reader of this.#readers) waiting += reader.waiting.get(topic)?.waiting ?? 0;
      return { topic, waiting };
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#parts.publisher.close();
    await Promise.all([...this.#readers].map((reader) => reader.close()));
    await this.#parts.admin.disconnect();
  }

  #count(topic: TopicName): number {
    return TOPICS[topic].single ? 1 : this.partitions;
  }

  #deadLetter(topic: TopicName, record: RawRecord, fault: string): void {
    const { names, onError, onDeadLetter } = this.#options;
    const { partition, offset, key, value } = record;
    onDeadLetter?.(topic, fault);
    const headers = { topic: names[topic], partition: `${partition}`, offset: `${offset}`, fault };
    this.#parts.publisher.deadLetter(topic, { key, value, headers }).then(
      () => this.#lettersFail = false,
      (cause) => {
        if (this.#lettersFail) return;
        // The first of many: thousands may come in a second.
        this.#lettersFail = true;
        const text = `Cannot keep ${names[topic]}/${partition}/${offset} (${fault})`;
        onError(new Error(text, { cause }), { topic });
      },
    );
  }
}

function closedError(what: string): BusError {
  return new BusError('closed', `Cannot ${what}: the bus is closed`);
}

/** Tries until it works, or fails for a reason that waiting does not mend. */
async function until<T>(options: KafkaBusOptions, work: () => Promise<T>): Promise<T> {
  let told: string | undefined;
  for (;;) {
    if (options.signal?.aborted) throw closedError('wait for Kafka');
    try {
      return await work();
    } catch (error) {
      if (error instanceof BusError && error.code !== 'unavailable') throw error;
      const reason = error instanceof BusError
        ? error.message
        : `Kafka at ${options.brokers.join(', ')} is not ready: ${(error as Error).message}`;
      if (reason !== told) options.onWait?.(told = reason);
      await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
    }
  }
}
