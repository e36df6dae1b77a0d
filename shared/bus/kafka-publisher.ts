/**
 * Records on their way to Kafka. Each topic has a lane with one request under way, and so has
 * the place of its dead letters; what comes meanwhile goes with the next, so that batches grow with the
 * load and order survives a retry.
 */
import { Buffer } from 'node:buffer';
import type { Kafka, Message, Producer } from 'kafkajs';
import { type Envelope, type TopicName, TOPICS } from '../model/events.ts';
import { messageText } from '../model/message-text.ts';
import { BusError, type Outgoing } from './bus.ts';
import {
  addTo,
  type Call,
  type Lane,
  makeLane,
  refusal,
  takeBatch,
  type Waiting,
} from './kafka-lane.ts';
import { BULK_PACE_MS, producePaceMs } from './kafka-paces.ts';
import { deadLetterName, type TopicNames } from './kafka-topics.ts';
import { traceHeader } from './trace-header.ts';

/** ms for a broker to have what it was sent on all replicas that count. */
const ACK_MS_MAX = 5_000;

/** Of a dead letter, what says where it came from; also of one that is empty. */
const LETTER_HEAD_BYTES = 200;

/** What is void after its deadline: when Kafka is back it must not get the past to work on. */
const EXPIRES: ReadonlySet<TopicName> = new Set(['bid_requests', 'bid_responses']);

/** What Kafka says of a record that it takes neither now nor later; it goes alone, see {@link takeBatch}. */
const TOO_LARGE: ReadonlySet<string> = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']);

/** acks: all replicas in sync for what must outlive a broker, else the leader alone. */
const ALL = -1;
const LEADER = 1;

export interface KafkaPublisher {
  /** As that of the bus. */
  publish<T extends TopicName>(
    topic: T,
    records: readonly Outgoing<T>[],
    promised: boolean,
  ): Promise<void>;
  /** Sends what could not be read of the topic to where such things go; rejects as `publish` does. */
  deadLetter(topic: TopicName, message: Message & { value: Buffer | null }): Promise<void>;
  waiting(topic: TopicName): number;
  /** Sends what waits, or gives it up when Kafka is away. */
  close(): Promise<void>;
}

export async function createKafkaPublisher(
  kafka: Kafka,
  names: TopicNames,
  now: () => number,
  traceHeaders = false,
): Promise<KafkaPublisher> {
  // A connection answers in order, so what waits for all replicas would hold up what does not, and
  // large details small requests.
  const make = (): Producer =>
    kafka.producer({
      allowAutoTopicCreation: false,
      createPartitioner: () => ({ message }) => message.partition!,
    });
  const producers = { ledger: make(), quick: make(), bulk: make() };
  await Promise.all(Object.values(producers).map((producer) => producer.connect()));
  return new Publisher(producers, names, now, traceHeaders);
}

type Producers = Record<'ledger' | 'quick' | 'bulk', Producer>;

class Publisher implements KafkaPublisher {
  readonly #producers: Producers;
  readonly #lanes = new Map<TopicName, Lane>();
  /** The same topics for what must survive a broker; of durable ones it is the same lane. */
  readonly #promised = new Map<TopicName, Lane>();
  readonly #letters = new Map<TopicName, Lane>();
  readonly #now: () => number;
  readonly #traceHeaders: boolean;

  constructor(producers: Producers, names: TopicNames, now: () => number, traceHeaders: boolean) {
    this.#producers = producers;
    this.#now = now;
    this.#traceHeaders = traceHeaders;
    for (const topic of Object.keys(TOPICS) as TopicName[]) {
      const { durable } = TOPICS[topic];
      const producer = durable
        ? producers.ledger
        : topic === 'auction_details'
        ? producers.bulk
        : producers.quick;
      const make = (to: Producer, acks: number): Lane =>
        makeLane(names[topic], acks, to, producePaceMs(topic));
      const lane = make(producer, durable ? ALL : LEADER);
      this.#lanes.set(topic, lane);
      this.#promised.set(topic, durable ? lane : make(producers.ledger, ALL));
      const letters = makeLane(deadLetterName(names[topic]), ALL, producers.bulk, BULK_PACE_MS);
      this.#letters.set(topic, letters);
    }
  }

  publish<T extends TopicName>(
    topic: T,
    records: readonly Outgoing<T>[],
    promised: boolean,
  ): Promise<void> {
    const lane = (promised ? this.#promised : this.#lanes).get(topic)!;
    const full = refusal(lane);
    if (full) return Promise.reject(full);
    if (records.length === 0) return Promise.resolve();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const call: Call = { open: records.length, resolve, reject };
    const { key } = TOPICS[topic];
    for (const { partition, value } of records) {
      // A text until it goes: what buffers hold is dear to collect.
      const text = messageText(topic, value);
      const bytes = Buffer.byteLength(text);
      const message: Waiting['message'] = { partition, key: key(value), value: text };
      const headers = this.#traceHeaders ? traceHeader(value) : undefined;
      if (headers) message.headers = headers;
      const until = EXPIRES.has(topic) ? (value as Envelope).deadline : Infinity;
      addTo(lane, { message, bytes, until, call });
    }
    this.#plan(lane);
    return promise;
  }

  deadLetter(topic: TopicName, message: Message & { value: Buffer | null }): Promise<void> {
    const lane = this.#letters.get(topic)!;
    const full = refusal(lane);
    if (full) return Promise.reject(full);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const call: Call = { open: 1, resolve, reject };
    const bytes = LETTER_HEAD_BYTES + (message.value?.length ?? 0);
    addTo(lane, { message: { ...message, partition: 0 }, bytes, until: Infinity, call });
    this.#plan(lane);
    return promise;
  }

  waiting(topic: TopicName): number {
    const lanes = new Set([this.#lanes.get(topic)!, this.#promised.get(topic)!]);
    return lanes.values().reduce((sum, { waiting }) => sum + waiting.length, 0);
  }

  async close(): Promise<void> {
    const lanes = [this.#lanes, this.#promised, this.#letters].flatMap((
      some,
    ) => [...some.values()]);
    const idle = (): boolean => lanes.every(({ busy }) => !busy);
    while (!idle()) await new Promise((resolve) => setTimeout(resolve, CLOSE_LOOK_MS));
    await Promise.all(Object.values(this.#producers).map((producer) => producer.disconnect()));
  }

  /** What is published in one turn of the event loop goes together. */
  #plan(lane: Lane): void {
    if (lane.busy) return;
    lane.busy = true;
    setImmediate(() => void this.#send(lane));
  }

  async #send(lane: Lane): Promise<void> {
    while (lane.waiting.length > 0) {
      await lane.pace.step();
      const batch = takeBatch(lane, this.#now());
      if (batch.length === 0) continue;
      try {
        await this.#deliver(lane, batch.map(({ message }) => message));
        for (const { call } of batch) if (--call.open === 0) call.resolve();
      } catch (cause) {
        const text = `Cannot publish to ${lane.name}: ${(cause as Error).message}`;
        const { type = '' } = cause as { type?: string };
        const error = new BusError(TOO_LARGE.has(type) ? 'misuse' : 'unavailable', text, { cause });
        for (const { call } of batch) call.reject(error);
      }
    }
    lane.busy = false;
  }

  /**
   * kafkajs says that all is sent when every broker has answered. What a partition's leader did not take,
   * and the next leader would, it leaves out where that broker has answered for other partitions.
   */
  async #deliver(lane: Lane, messages: Waiting['message'][]): Promise<void> {
    const { name, acks, producer } = lane;
    const answers = await producer.send({ topic: name, messages, acks, timeout: ACK_MS_MAX });
    const taken = new Set(answers.map(({ partition }) => partition));
    const left = messages.filter(({ partition }) => !taken.has(partition));
    if (left.length === messages.length) throw new Error('No broker has answered for it');
    if (left.length > 0) await this.#deliver(lane, left);
  }
}

const CLOSE_LOOK_MS = 5;
