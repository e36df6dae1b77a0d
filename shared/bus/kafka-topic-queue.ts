/**
 * One topic of a Kafka reader: what was fetched and waits for its handler, which gets everything at
 * hand as one batch, one batch at a time.
 */
import type { Buffer } from 'node:buffer';
import type {
  BidRequestMessage,
  BidResponseMessage,
  TopicMessages,
  TopicName,
} from '../model/events.ts';
import { messageFault } from '../model/message-check.ts';
import { readMessage } from '../model/message-text.ts';
import type { BatchHandler, Received } from './bus.ts';
import type { SenderClocks } from './sender-clocks.ts';
import { adoptTraceHeader } from './trace-header.ts';

/** Records kept for a busy handler; above, fetching pauses until half of them are gone. */
const WAITING_MAX = 10_000;

export interface RawRecord {
  partition: number;
  offset: number;
  key: Buffer | null;
  value: Buffer | null;
  headers?: Record<string, unknown> | undefined;
}

/** The messages of one partition as kafkajs gives them. */
export function* rawRecords(
  partition: number,
  messages: readonly (Omit<RawRecord, 'partition' | 'offset'> & { offset: string })[],
): Generator<RawRecord> {
  for (const { offset, key, value, headers } of messages) {
    yield { partition, offset: Number(offset), key, value, headers };
  }
}

export interface QueueSetup<T extends TopicName> {
  topic: T;
  handler: BatchHandler<T>;
  clocks: SenderClocks;
  /** Epoch ms. */
  now(): number;
  /** Whether traces are taken over from the headers. */
  traceHeaders: boolean;
  /** Fetch no more of the topic, or go on. */
  pause(): void;
  resume(): void;
  /** It is no message of the topic, for this reason. */
  unreadable(record: RawRecord, fault: string): void;
  onError(error: unknown): void;
  /** A batch was handled; positions may have moved. */
  handled(): void;
}

export class TopicQueue<T extends TopicName = TopicName> {
  readonly #on: QueueSetup<T>;
  /** Offset of the next record to take, by partition; absent: none is taken. */
  readonly #next = new Map<number, number>();
  /** Everything below was handled, by partition. */
  readonly #done = new Map<number, number>();
  #records: Received<T>[] = [];
  #planned = false;
  #busy: Promise<void> | undefined;
  #paused = false;
  #held = true;
  #closed = false;

  constructor(setup: QueueSetup<T>) {
    this.#on = setup;
  }

  get waiting(): number {
    return this.#records.length;
  }

  next(partition: number): number | undefined {
    return this.#next.get(partition);
  }

  done(partition: number): number {
    return this.#done.get(partition) ?? -1;
  }

  /** Takes and hands over nothing until {@link release}; what waits of other partitions is forgotten. */
  hold(partitions: readonly number[]): void {
    this.#held = true;
    this.#records = this.#records.filter(({ partition }) => partitions.includes(partition));
    for (const partition of this.#next.keys()) {
      if (!partitions.includes(partition)) this.#next.delete(partition);
    }
  }

  /** While held: goes on at this offset. What waits comes again where that is another. */
  begin(partition: number, offset: number): void {
    if (this.#next.get(partition) === offset) return;
    this.#records = this.#records.filter((record) => record.partition !== partition);
    this.#next.set(partition, offset);
    this.#done.set(partition, offset);
  }

  release(): void {
    this.#held = false;
    this.#paused = false;
    this.#plan();
  }

  /** @param isFresh there is nothing behind them on the topic: they have not waited to be read */
  take(records: Iterable<RawRecord>, isFresh = false): void {
    if (this.#held) return;
    const now = this.#on.now();
    for (const record of records) {
      const { partition, offset } = record;
      const next = this.#next.get(partition);
      if (next === undefined || offset < next) continue;
      this.#next.set(partition, offset + 1);
      const value = this.#read(record);
      if (!value) continue;
      if (isTimed(this.#on.topic, value)) this.#toOurTime(partition, value, isFresh, now);
      this.#records.push({ partition, offset, value });
    }
    if (this.#records.length > WAITING_MAX && !this.#paused) {
      this.#paused = true;
      this.#on.pause();
    }
    this.#plan();
  }

  /** Resolves when no handler is at work; none is called afterwards. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#busy;
  }

  /** A partition has one gateway, and one bidder of each group. */
  #toOurTime(partition: number, value: Timed, isFresh: boolean, now: number): void {
    const { clocks, topic } = this.#on;
    const sender = `${topic}/${partition}/${'group' in value ? value.group : ''}`;
    if (isFresh) clocks.see(sender, value.issuedAt, now);
    const offsetMs = clocks.offsetMs(sender);
    if (offsetMs === 0) return;
    value.issuedAt += offsetMs;
    value.deadline += offsetMs;
    if ('receivedAt' in value) value.receivedAt += offsetMs;
  }

  #read(record: RawRecord): TopicMessages[T] | undefined {
    let fault: string | undefined;
    try {
      const value: unknown = readMessage(this.#on.topic, record.value?.toString() ?? '');
      fault = messageFault(this.#on.topic, value);
      if (fault === undefined) {
        if (this.#on.traceHeaders) adoptTraceHeader(value as object, record.headers);
        return value as TopicMessages[T];
      }
    } catch (error) {
      fault = (error as Error).message;
    }
    this.#on.unreadable(record, fault);
    return undefined;
  }

  /** A fetch brings several partitions one after the other: they are handed over together. */
  #plan(): void {
    if (this.#planned || this.#busy) return;
    this.#planned = true;
    setImmediate(() => {
      this.#planned = false;
      this.#run();
    });
  }

  #run(): void {
    while (!this.#busy && !this.#held && !this.#closed && this.#records.length > 0) {
      const batch = this.#records;
      this.#records = [];
      const done = this.#handle(batch);
      if (done) {
        this.#busy = done.catch((error) => this.#on.onError(error)).then(() => {
          this.#busy = undefined;
          this.#finished(batch);
          this.#run();
        });
      } else this.#finished(batch);
    }
    if (!this.#busy) this.#finished([]);
  }

  #handle(batch: readonly Received<T>[]): Promise<void> | undefined {
    try {
      return this.#on.handler(batch) ?? undefined;
    } catch (error) {
      this.#on.onError(error);
      return undefined;
    }
  }

  #finished(batch: readonly Received<T>[]): void {
    for (const { partition, offset } of batch) {
      if (this.#next.has(partition)) this.#done.set(partition, offset + 1);
    }
    // What could not be read is done with as soon as nothing waits before it.
    if (this.#records.length === 0 && !this.#busy) {
      for (const [partition, next] of this.#next) this.#done.set(partition, next);
    }
    this.#on.handled();
    if (!this.#paused || this.#records.length > WAITING_MAX / 2) return;
    this.#paused = false;
    this.#on.resume();
  }
}

type Timed = BidRequestMessage | BidResponseMessage;

/** What is void after a time of day, which is the sender's; elsewhere times are for people and reports. */
const TIMED: ReadonlySet<TopicName> = new Set(['bid_requests', 'bid_responses']);

function isTimed(topic: TopicName, _value: object): _value is Timed {
  return TIMED.has(topic);
}
