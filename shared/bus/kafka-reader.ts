/**
 * One reader of the Kafka bus: a kafkajs consumer that is alone in its group (`slice`, `all`) or
 * shares a group's partitions with others. kafkajs fetches and keeps the membership; where reading
 * begins, what is committed and when records are handed over is decided here.
 *
 * A handler never runs inside kafkajs's fetch loop, which sends heartbeats only between fetches: a
 * slow one would lose its membership. Fetching pauses instead.
 */
import { randomUUID } from 'node:crypto';
import type { Admin, Consumer, Kafka } from 'kafkajs';
import type { TopicName } from '../model/events.ts';
import type { BatchHandler, Handlers, Reader, ReadOptions, Share } from './bus.ts';
import { KafkaCommits } from './kafka-commits.ts';
import { createConsumer, runPaced } from './kafka-consumer.ts';
import { type Places, readPlaces } from './kafka-places.ts';
import { type RawRecord, rawRecords, TopicQueue } from './kafka-topic-queue.ts';
import type { TopicNames } from './kafka-topics.ts';
import type { SenderClocks } from './sender-clocks.ts';

export interface KafkaReaderSetup {
  kafka: Kafka;
  admin: Admin;
  names: TopicNames;
  /** Of the topics read. */
  partitions: readonly number[];
  options: ReadOptions;
  handlers: Handlers;
  /** ms without a heartbeat after which the others share what this reader had. */
  sessionMs: number;
  clocks: SenderClocks;
  /** Epoch ms. */
  now(): number;
  traceHeaders: boolean;
  unreadable(topic: TopicName, record: RawRecord, fault: string): void;
  onError(error: unknown): void;
  onClose(): void;
}

/** ms before a lost consumer begins again, and between questions that get no answer. */
const RESTART_MS = 500;
/** Of the questions about a share that get no answer, this one is reported: two seconds are too long. */
const REPORTED_TRY = 4;
/** ms in which a reader may find back before its process counts as not ready: all join anew at once. */
const MOMENT_MS = 2_000;
/** Records a slice reads again where it cannot tell what it has read: those somebody may wait for. */
const SLICE_AGAIN_MAX = 10_000;

export class KafkaReader implements Reader {
  readonly caughtUp: Promise<void>;
  partitions: readonly number[] = [];
  readonly #on: KafkaReaderSetup;
  readonly #group: string;
  readonly #queues = new Map<TopicName, TopicQueue>();
  readonly #byKafkaName = new Map<string, TopicName>();
  readonly #started = Promise.withResolvers<void>();
  readonly #reached = Promise.withResolvers<void>();
  readonly #commits: KafkaCommits;
  #consumer: Consumer | undefined;
  /** As which this consumer got its share; undefined while shares change. */
  #member: string | undefined;
  /** Where each partition ended when reading began; undefined until that is known. */
  #ends: Places['ends'] | undefined;
  #isCaughtUp = false;
  /** Grows with each share: what an earlier one still waits for is given up. */
  #turn = 0;
  /** ms of `performance.now()` since when no share is read; undefined while one is. */
  #awayFrom: number | undefined = performance.now();
  #closed = false;

  constructor(setup: KafkaReaderSetup) {
    this.#on = setup;
    const { options, names, handlers, onError } = setup;
    const topics = Object.keys(handlers) as TopicName[];
    // Members of one group must read the same topics; alone, a reader is a group of its own.
    this.#group = options.as === 'group'
      ? `${options.group}.${topics.map((topic) => names[topic]).sort().join('.')}`
      : `${options.as}.${randomUUID()}`;
    for (const topic of topics) this.#addQueue(topic, handlers[topic] as BatchHandler<TopicName>);
    this.#commits = new KafkaCommits({ names, onError });
    this.caughtUp = this.#reached.promise;
  }

  get waiting(): ReadonlyMap<TopicName, TopicQueue> {
    return this.#queues;
  }

  /** Publishers wait for what it reads, nobody else reads it, and it has not found back in a moment. */
  get isMissed(): boolean {
    return this.#isSlice && this.#awayFrom !== undefined &&
      performance.now() - this.#awayFrom > MOMENT_MS;
  }

  /** Resolves when the first share is known, however long Kafka is away; or when it is closed. */
  async start(): Promise<void> {
    await this.#open().catch((error) => this.#reopen(error as Error));
    await this.#started.promise;
  }

  commit(topic: TopicName, partition: number, offset: number, note = ''): void {
    if (this.#on.options.as !== 'group' || !this.partitions.includes(partition)) return;
    this.#commits.add({ topic, partition, offset, note });
  }

  flush(): Promise<void> {
    return this.#commits.flush();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await Promise.all([...this.#queues.values()].map((queue) => queue.close()));
    await this.#commits.close().catch(this.#on.onError);
    await this.#consumer?.disconnect().catch(() => {});
    this.#started.resolve();
    this.#on.onClose();
  }

  get #isSlice(): boolean {
    return this.#on.options.as === 'slice';
  }

  // --- the consumer ---

  async #open(): Promise<void> {
    // One that was closed or replaced while it crashed would come back as a member nobody reads for.
    const mayRestart = (): boolean => consumer === this.#consumer && !this.#closed;
    const consumer = createConsumer(this.#group, this.#on, mayRestart);
    this.#consumer = consumer;
    consumer.on(consumer.events.REBALANCING, () => {
      if (consumer === this.#consumer) this.#lose();
      this.#commits.end();
    });
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      if (consumer !== this.#consumer) return;
      this.#lose();
      this.#member = payload.memberId;
      this.#joined(payload.memberAssignment);
    });
    consumer.on(consumer.events.HEARTBEAT, ({ payload }) => {
      const isStray = consumer === this.#consumer && payload.memberId !== this.#member;
      if (isStray && !this.#closed) this.#joinAgain(consumer, 'A share was missed');
    });
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      if (consumer !== this.#consumer) return;
      this.#lose();
      // What is under way for the share that ended would be told to a consumer that is gone.
      this.#turn++;
      this.#commits.end();
      if (!payload.restart) this.#reopen(payload.error);
    });
    try {
      await consumer.connect();
      await this.#read(consumer);
    } catch (error) {
      // Otherwise its connections stay, and the next try opens others.
      consumer.disconnect().catch(() => {});
      throw error;
    }
  }

  async #read(consumer: Consumer): Promise<void> {
    const topics = [...this.#queues.keys()].map((topic) => this.#on.names[topic]);
    // Where reading begins is decided below. This is for a reader whose next record expires: it goes on
    // with the first one that is left.
    await consumer.subscribe({ topics, fromBeginning: true });
    await runPaced(consumer, (batch) => {
      const queue = this.#queues.get(this.#byKafkaName.get(batch.topic)!)!;
      const end = Number(batch.highWatermark);
      // kafkajs begins at the start then, with offsets that were read long ago.
      if (this.#awayFrom === undefined && end < (queue.next(batch.partition) ?? 0)) {
        return this.#joinAgain(consumer, `${batch.topic} was made anew, or has lost records`);
      }
      const isFresh = Number(batch.lastOffset()) + 1 >= end;
      queue.take(rawRecords(batch.partition, batch.messages), isFresh);
    });
  }

  /** kafkajs gives up on what it takes for hopeless; a server of ours never is for long. */
  #reopen(error: Error): void {
    if (this.#closed) return;
    this.#on.onError(error);
    setTimeout(() => {
      if (!this.#closed) this.#open().catch((again) => this.#reopen(again as Error));
    }, RESTART_MS);
  }

  /**
   * kafkajs that joined a group and then missed the answer with its share goes on with the share it
   * had: it sends heartbeats of the new generation and reads partitions that are others' by now,
   * while nobody reads its own. Another consumer begins afresh.
   */
  #joinAgain(consumer: Consumer, why: string): void {
    if (consumer !== this.#consumer || this.#closed) return;
    this.#consumer = undefined;
    this.#lose();
    this.#turn++;
    this.#commits.end();
    for (const queue of this.#queues.values()) queue.hold(this.partitions);
    // Not waited for: kafkajs ends a consumer only after the heartbeat it is in.
    consumer.disconnect().catch(() => {})
      .then(() => this.#reopen(new Error(`${why}: the group is joined again`)));
  }

  /** No share is read from now on. */
  #lose(): void {
    this.#member = undefined;
    this.#awayFrom ??= performance.now();
  }

  // --- shares ---

  #joined(assignment: Record<string, number[]>): void {
    const turn = ++this.#turn;
    const consumer = this.#consumer!;
    const partitions = Object.values(assignment)[0]?.toSorted((a, b) => a - b) ?? [];
    this.#commits.end();
    consumer.pause([...this.#queues.keys()].map((topic) => ({ topic: this.#on.names[topic] })));
    for (const queue of this.#queues.values()) queue.hold(partitions);
    this.#begin(turn, partitions).catch(this.#on.onError);
  }

  async #begin(turn: number, partitions: readonly number[]): Promise<void> {
    const { options, names, onError } = this.#on;
    const isStale = (): boolean => turn !== this.#turn || this.#closed;
    const consumer = this.#consumer!;
    const topics = [...this.#queues.keys()];
    const places = await this.#places(partitions, isStale);
    if (!places) return;
    this.#ends ??= places.ends;
    this.partitions = partitions;
    this.#commits.begin(consumer);
    for (const topic of topics) {
      for (const partition of partitions) this.#queueBegins(topic, partition, places);
    }
    this.#started.resolve();
    if (options.as === 'group' && options.assigned) {
      const share: Share = {
        partitions,
        position: (topic, partition) => places.position(topic, partition),
        startAt: (topic, partition, offset) =>
          this.#queues.get(topic)?.begin(
            partition,
            this.#placeOf(offset, topic, partition, places),
          ),
      };
      try {
        await options.assigned(share);
      } catch (error) {
        onError(error);
      }
      if (isStale()) return;
    }
    for (const [topic, queue] of this.#queues) {
      for (const partition of partitions) {
        const offset = String(queue.next(partition)!);
        consumer.seek({ topic: names[topic], partition, offset });
      }
      queue.release();
    }
    consumer.resume(topics.map((topic) => ({ topic: names[topic] })));
    this.#awayFrom = undefined;
    this.#look();
  }

  /**
   * A partition that was here goes on, unless another reader got further meanwhile. None begins before
   * what is kept: kafkajs would be refused, and nothing be known of how far it got.
   */
  #queueBegins(topic: TopicName, partition: number, places: Places): void {
    const queue = this.#queues.get(topic)!;
    const stored = places.position(topic, partition)?.offset;
    const before = queue.next(partition);
    const wanted = before === undefined
      ? stored ?? places.start(topic, partition)
      : Math.max(before, stored ?? 0);
    queue.begin(partition, this.#placeOf(wanted, topic, partition, places));
    // From now on there is a position: a member that comes later must not begin at its own "end".
    if (stored === undefined) this.commit(topic, partition, queue.next(partition)!);
  }

  /**
   * Where there is something to read. Offsets behind the end are those of a topic that was made anew, whose
   * positions Kafka has forgotten, or of one that lost its last records. What is stored since is of the topic
   * as it is.
   */
  #placeOf(offset: number, topic: TopicName, partition: number, places: Places): number {
    const first = places.first(topic, partition);
    const end = places.ends(topic, partition) ?? Infinity;
    if (offset <= end) return Math.max(offset, first);
    const stored = places.position(topic, partition);
    if (stored) return Math.max(first, Math.min(stored.offset, end));
    return this.#isSlice ? Math.max(first, end - SLICE_AGAIN_MAX) : first;
  }

  /** Asked until there is an answer, or another share. */
  async #places(
    partitions: readonly number[],
    isStale: () => boolean,
  ): Promise<Places | undefined> {
    const { admin, names, options, onError } = this.#on;
    const group = options.as === 'group' ? this.#group : undefined;
    const topics = [...this.#queues.keys()];
    for (let tries = 1; !isStale(); tries++) {
      try {
        const places = await readPlaces({ admin, names, topics, partitions, group, options });
        return isStale() ? undefined : places;
      } catch (error) {
        // A partition is without a leader for a moment after its topic was made or a broker went.
        if (tries === REPORTED_TRY) onError(error);
        await new Promise((resolve) => setTimeout(resolve, RESTART_MS));
      }
    }
    return undefined;
  }

  // --- queues ---

  #addQueue(topic: TopicName, handler: BatchHandler<TopicName>): void {
    const { names, traceHeaders, unreadable, onError, clocks, now } = this.#on;
    this.#byKafkaName.set(names[topic], topic);
    this.#queues.set(
      topic,
      new TopicQueue({
        topic,
        handler,
        clocks,
        now,
        traceHeaders,
        pause: () => this.#fetching(topic, 'pause'),
        resume: () => this.#fetching(topic, 'resume'),
        unreadable: (record, fault) => unreadable(topic, record, fault),
        onError,
        handled: () => this.#look(),
      }),
    );
  }

  #fetching(topic: TopicName, go: 'pause' | 'resume'): void {
    try {
      this.#consumer?.[go]([{ topic: this.#on.names[topic] }]);
    } catch {
      // A consumer that has crashed fetches nothing, and throws; its next share begins with all topics.
    }
  }

  /** Looks whether everything that was there at the start has been handled. */
  #look(): void {
    const ends = this.#ends;
    if (!ends || this.#isCaughtUp) return;
    const isPast = ([topic, queue]: [TopicName, TopicQueue]): boolean =>
      this.partitions.every((partition) => queue.done(partition) >= (ends(topic, partition) ?? 0));
    if (![...this.#queues].every(isPast)) return;
    this.#isCaughtUp = true;
    this.#reached.resolve();
  }
}
