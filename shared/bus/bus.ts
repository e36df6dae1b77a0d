/**
 * The bus between the stages: partitioned topics, read at one's own pace. One engine in process
 * (memory, with a SQLite journal for the durable topics), one on Kafka; `contract.ts` is the suite
 * both pass.
 *
 * - Partitions are explicit. All auction topics have the same number; an auction has one number in
 *   all of them, so that one reader of a partition sees everything of its auctions.
 * - Delivery is at least once and in order within a partition. Readers MUST take the first record
 *   of an auction and ignore a repetition (first offset wins).
 * - Records are shared between readers in process: a handler MUST NOT change them.
 */
import type { TopicMessages, TopicName } from '../model/events.ts';

export interface Bus {
  /** Partitions of every auction topic. */
  readonly partitions: number;

  /**
   * Resolves when the topic's promise holds: for a durable topic that the records survive the
   * process, for another that they were handed on. Records of one call stay in order.
   * Rejects with {@link BusError} when the engine cannot take them; then none may be counted on. Its code
   * is `misuse` when one of them will never be taken: it is too large, or its partition is none.
   * @param promised Somebody is told that these will not be lost: where a topic that is not durable lies
   * on a server, they survive the loss of one, too.
   */
  publish<T extends TopicName>(
    topic: T,
    records: readonly Outgoing<T>[],
    promised?: boolean,
  ): Promise<void>;

  /**
   * Starts reading the topics that have a handler; resolves when the reader has its partitions and
   * its first positions. Topics read together are shared alike: their members have the same
   * partitions of each. All members of a group MUST read the same topics.
   */
  read(options: ReadOptions, handlers: Handlers): Promise<Reader>;

  /** Resolves when the engine can take and give records, rejects with the reason when not. */
  check(): Promise<void>;

  /** Records waiting per topic, for metrics. */
  depths(): { topic: TopicName; waiting: number }[];

  /** Waits for what was published, stores commits, ends all readers. */
  close(): Promise<void>;
}

export interface Outgoing<T extends TopicName> {
  partition: number;
  value: TopicMessages[T];
}

export interface Received<T extends TopicName> {
  partition: number;
  /**
   * Grows by one within a partition; a number is never given twice, across restarts either. When the
   * machine's power fails, those of records that only an echo was given may be.
   */
  offset: number;
  value: TopicMessages[T];
}

/**
 * Gets records in order, one call at a time. A handler that returns a promise gets its next batch
 * when that has resolved; meanwhile a durable topic waits in its journal and another keeps a
 * bounded number. A rejection is reported to the bus's `onError` and the reader goes on.
 */
export type BatchHandler<T extends TopicName> = (
  batch: readonly Received<T>[],
) => void | Promise<void>;

/** What is read, and by whom. */
export type Handlers = { readonly [T in TopicName]?: BatchHandler<T> };

/**
 * - `slice`: the given partitions, alone. For the gateway, which reads what it itself picked.
 * - `group`: members share the partitions in contiguous ranges.
 * - `all`: every reader sees everything.
 *
 * `from` says where reading starts when the group has no committed position: `start` of what is
 * kept, or `end` (only what is published from now on). Only a group keeps positions; the others obey
 * `from` each time, and a slice may name the offset of each partition instead.
 */
export type ReadOptions = ReadMode & {
  /**
   * ms that records may wait to come in fewer and larger batches; 0 without it. An engine in process
   * has nothing to gain and does not wait.
   */
  patienceMs?: number;
};

type ReadMode =
  | {
    as: 'slice';
    partitions: readonly number[];
    from: 'start' | 'end' | ReadonlyMap<number, number>;
    /**
     * What this process publishes is all the reader needs: it may be handed over at its
     * acknowledgement instead of being read back.
     */
    echo?: boolean;
  }
  | { as: 'group'; group: string; from: 'start' | 'end'; assigned?: Assigned }
  | { as: 'all'; from: 'start' | 'end' };

/**
 * Told of each new share before any record of it is handed over; records wait until it has resolved.
 * What it rejects with is reported, and the share begins as it was.
 */
export type Assigned = (share: Share) => void | Promise<void>;

/** The partitions a member of a group reads from now on; whatever it held of others is another's. */
export interface Share {
  readonly partitions: readonly number[];
  /** As stored when the share began. An engine may store where a group began; else it is undefined. */
  position(topic: TopicName, partition: number): Position | undefined;
  /**
   * Of a durable topic: begins at this offset. Otherwise a partition that was this reader's before
   * goes on where it was, and another begins at its stored position.
   */
  startAt(topic: TopicName, partition: number, offset: number): void;
}

export interface Reader {
  /** Partitions read now. */
  readonly partitions: readonly number[];
  /** Resolves when everything that was there at the start has been handled. */
  readonly caughtUp: Promise<void>;
  /**
   * Of a group: everything below `offset` is done with; whoever reads the partition next begins
   * there. Stored on a timer, or by {@link Reader.flush}; what is stored together is stored whole or
   * not at all. `note` is kept with it for {@link Share.position}. A partition that is no longer this
   * reader's is passed over.
   */
  commit(topic: TopicName, partition: number, offset: number, note?: string): void;
  /** Resolves when all commits so far are stored. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

export interface Position {
  offset: number;
  note: string;
}

export class BusError extends Error {
  override name = 'BusError';
  readonly code: 'closed' | 'corrupt' | 'unavailable' | 'misuse';
  constructor(code: BusError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
