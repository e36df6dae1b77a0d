/**
 * The bus in one process. Records are handed on by reference, in one pass per turn of the event
 * loop: a request published by the gateway runs through bidding and auction in the same pass, and
 * everything that arrived in that turn runs with it as one batch. Durable topics are journalled in
 * SQLite at its end. Who published hears then, as does an echo; other readers when a thread has brought
 * the journal to the disk.
 */
import type { TopicName } from '../model/events.ts';
import type {
  BatchHandler,
  Bus,
  Handlers,
  Outgoing,
  Reader,
  ReadOptions,
  Received,
} from './bus.ts';
import { BusError } from './bus.ts';
import { contiguousRanges } from './contiguous-ranges.ts';
import { DurableLog } from './durable-log.ts';
import { Membership } from './embedded-membership.ts';
import {
  makeTopics,
  numberedBy,
  openTopicReader,
  readersLike,
  type Topic,
} from './embedded-topics.ts';
import { type Journal, openJournal } from './journal.ts';
import { RepeatingWork } from './repeating-work.ts';
import { retain } from './retention.ts';

/** How often commits are stored; what lies between is read again after a crash. */
const COMMIT_INTERVAL_MS = 200;
/** How often old records of the journal are deleted. */
const RETAIN_INTERVAL_MS = 1_000;

const PUBLISHED = Promise.resolve();

export interface EmbeddedBusOptions {
  /** The journal file; without one the durable topics end with the process. */
  path?: string;
  /** Undefined: as many as the journal has, one in a new one. */
  partitions: number | undefined;
  onError: (error: unknown, where: { topic?: TopicName }) => void;
  /** The journal or its disk has failed for good: nothing can be stored until the next start. */
  onFatal?: (error: unknown) => void;
  /** Records of a topic that is not durable which a slow reader had no room for. */
  onDrop?: (topic: TopicName, records: number) => void;
  now?: () => number;
}

/** @throws {BusError} when the journal cannot be opened. */
export async function createEmbeddedBus(
  options: EmbeddedBusOptions,
  open = openJournal,
): Promise<Bus> {
  const { path = ':memory:', partitions } = options;
  const journal = await open(path, partitions, (error) => fatal(options, error));
  const bus = new EmbeddedBus(options, journal);
  await bus.open();
  return bus;
}

class EmbeddedBus implements Bus {
  readonly partitions: number;
  readonly #options: EmbeddedBusOptions;
  readonly #journal: Journal;
  readonly #topics: Record<TopicName, Topic>;
  readonly #log: DurableLog;
  readonly #members = new Set<Membership>();
  readonly #work: RepeatingWork;
  #passPlanned = false;
  #closed = false;

  constructor(options: EmbeddedBusOptions, journal: Journal) {
    this.#options = options;
    this.#journal = journal;
    this.#log = new DurableLog(journal, {
      now: options.now ?? Date.now,
      onStored: (topic, records) => this.#stored(topic, records),
      onSynced: (topic, records) => this.#synced(topic, records),
      onFatal: (error) => fatal(options, error),
    });
    this.#work = new RepeatingWork((error) => options.onError(error, {}));
    this.partitions = journal.partitions;
    this.#topics = makeTopics(this.partitions, (options.now ?? Date.now)());
  }

  async open(): Promise<void> {
    const topics = Object.values(this.#topics).filter((topic) => topic.durable);
    const ends = await this.#journal.call({ op: 'ends', topics: topics.map(({ name }) => name) });
    for (const { topic, partition, start, end } of ends) {
      const { next, stored, synced, first } = this.#topics[topic];
      next[partition] = stored[partition] = synced[partition] = end;
      first[partition] = start;
    }
    this.#work.every(COMMIT_INTERVAL_MS, () => this.#log.storePositions());
    this.#work.every(
      RETAIN_INTERVAL_MS,
      () => retain(Object.values(this.#topics), this.#journal, (this.#options.now ?? Date.now)()),
    );
  }

  publish<T extends TopicName>(name: T, records: readonly Outgoing<T>[]): Promise<void> {
    const topic = this.#topics[name];
    const refusal = this.#refusal(topic);
    if (refusal) return Promise.reject(refusal);
    const numbered = numberedBy(topic, records);
    if (numbered instanceof BusError) return Promise.reject(numbered);
    this.#planPass();
    if (!topic.durable) {
      for (const record of numbered) topic.waiting.push(record);
      return PUBLISHED;
    }
    return this.#log.add(name, numbered);
  }

  async read(options: ReadOptions, handlers: Handlers): Promise<Reader> {
    const names = Object.keys(handlers) as TopicName[];
    // What was published is behind every reader that comes now.
    await this.#log.synced();
    const readers = await Promise.all(names.map((name) => {
      const handler = handlers[name] as BatchHandler<typeof name>;
      return openTopicReader(this.#topics[name], options, handler, this.#journal, {
        onError: (error) => this.#options.onError(error, { topic: name }),
        onDrop: (records) => this.#options.onDrop?.(name, records),
      });
    }));
    const alike = names.map((name) => readersLike(options, this.#topics[name]));
    const membership = new Membership({
      options,
      topics: new Map(names.map((name, index) => [name, readers[index]!])),
      commit: (position) => {
        if (this.#topics[position.topic].durable) this.#log.commit(position);
      },
      flush: () => this.#log.flushPositions(),
      handedOn: () => this.#log.settled(),
      onClose: () => {
        alike.forEach((others, index) => others.delete(readers[index]!));
        this.#members.delete(membership);
        this.#share(membership, options, names);
      },
    });
    alike.forEach((others, index) => others.add(readers[index]!));
    this.#members.add(membership);
    this.#share(membership, options, names);
    return membership;
  }

  async check(): Promise<void> {
    if (this.#closed) throw new BusError('closed', 'Cannot use the bus: it is closed');
    await this.#log.check();
  }

  depths(): { topic: TopicName; waiting: number }[] {
    return Object.values(this.#topics).map((topic) => {
      let waiting = topic.waiting.length + this.#log.waiting(topic.name);
      for (const { waiting: more } of [...topic.echoes, ...topic.readers]) waiting += more;
      return { topic: topic.name, waiting };
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const worked = this.#work.end();
    this.#pass();
    await this.#log.settled();
    // It still needs the journal.
    await worked;
    for (const member of [...this.#members]) await member.close();
    await this.#log.close();
  }

  #refusal({ name, durable }: Topic): BusError | undefined {
    if (this.#closed) return new BusError('closed', `Cannot publish to ${name}: the bus is closed`);
    return durable ? this.#log.refusal(name) : undefined;
  }

  // --- passing on ---

  #planPass(): void {
    if (this.#passPlanned) return;
    this.#passPlanned = true;
    setImmediate(() => this.#pass());
  }

  /** Hands on all that waits, and what the handlers publish meanwhile, until nothing is left. */
  #pass(): void {
    this.#passPlanned = true;
    for (let moved = true; moved;) {
      moved = false;
      for (const topic of Object.values(this.#topics)) {
        if (topic.waiting.length === 0) continue;
        moved = true;
        const records = topic.waiting;
        topic.waiting = [];
        for (const reader of topic.readers) reader.deliver(records);
      }
    }
    this.#passPlanned = false;
    this.#log.write();
  }

  #stored(name: TopicName, records: readonly Received<TopicName>[]): void {
    const topic = this.#topics[name];
    for (const { partition, offset } of records) topic.stored[partition] = offset + 1;
    for (const echo of topic.echoes) echo.deliver(records);
  }

  #synced(name: TopicName, records: readonly Received<TopicName>[]): void {
    const topic = this.#topics[name];
    for (const { partition, offset } of records) topic.synced[partition] = offset + 1;
    for (const reader of topic.readers) reader.deliver(records);
  }

  // --- reading ---

  /** Gives the members of a group their contiguous ranges, in the order they came. */
  #share({ group }: Membership, options: ReadOptions, names: readonly TopicName[]): void {
    const all = this.#topics[names[0]!].next.map((_, partition) => partition);
    const members = [...this.#members].filter((member) => member.group === group);
    const ranges = options.as === 'slice'
      ? [options.partitions]
      : contiguousRanges(all, members.length);
    members.forEach((member, index) => member.assign(ranges[index]!));
  }
}

function fatal({ onFatal, onError }: EmbeddedBusOptions, error: unknown): void {
  if (onFatal) onFatal(error);
  else onError(error, {});
}
