/**
 * The bus in one process. Records are handed on by reference, in one pass per turn of the event
 * loop: a request published by the gateway runs through bidding and auction in the same pass, and
 * everything that arrived in that turn runs with it as one batch. Durable topics are journalled in
 * SQLite by a thread of their own and reach their readers when the journal has them.
 */
import { type TopicMessages, type TopicName, TOPICS } from '../model/events.ts';
import type { BatchHandler, Bus, Outgoing, Reader, ReadOptions, Received } from './bus.ts';
import { BusError } from './bus.ts';
import { type AnyReader, createReader, type History } from './embedded-reader.ts';
import { type Journal, openJournal } from './journal.ts';
import type { JournalBatch, StoredPosition } from './journal-protocol.ts';

/** How often commits are stored; what lies between is read again after a crash. */
const COMMIT_INTERVAL_MS = 200;
/** How often old records of the journal are deleted. */
const RETAIN_INTERVAL_MS = 1_000;
/** Outcomes and events are kept this long for people and late readers; configuration for ever. */
const RETENTION_MS = 24 * 3_600_000;
/**
 * Offsets of topics that are not journalled begin at the time of the start times this, so that no
 * number is given twice across restarts (tokens made of offsets rely on it).
 */
const OFFSETS_PER_MS = 1_000;

const PUBLISHED = Promise.resolve();

export interface EmbeddedBusOptions {
  /** The journal file; without one the durable topics end with the process. */
  path?: string;
  partitions: number;
  onError: (error: unknown, where: { topic?: TopicName }) => void;
  /** Records of a topic that is not durable which a slow reader had no room for. */
  onDrop?: (topic: TopicName, records: number) => void;
  now?: () => number;
}

/** @throws {BusError} when the journal cannot be opened. */
export async function createEmbeddedBus(options: EmbeddedBusOptions): Promise<Bus> {
  const journal = await openJournal(
    options.path ?? ':memory:',
    options.partitions,
    (error) => options.onError(error, {}),
  );
  const bus = new EmbeddedBus(options, journal);
  await bus.open();
  return bus;
}

interface Topic {
  name: TopicName;
  durable: boolean;
  /** Offset of the next record, by partition. */
  next: number[];
  /** Everything below is in the journal, by partition. */
  stored: number[];
  /** First offset kept, by partition. */
  first: number[];
  /** Records of this turn, waiting for their pass; of a durable topic waiting for the journal. */
  waiting: Received<TopicName>[];
  readers: Set<AnyReader>;
}

class EmbeddedBus implements Bus {
  readonly partitions: number;
  readonly #options: EmbeddedBusOptions;
  readonly #journal: Journal;
  readonly #topics: Record<TopicName, Topic>;
  readonly #commits = new Map<string, StoredPosition>();
  readonly #timers: NodeJS.Timeout[] = [];
  #passPlanned = false;
  #committing: Promise<void> = PUBLISHED;
  #storing: Promise<void> | undefined;
  #nextStore: { promise: Promise<void>; resolve: () => void; reject: (e: unknown) => void } =
    Promise.withResolvers<void>();
  #closed = false;

  constructor(options: EmbeddedBusOptions, journal: Journal) {
    this.#options = options;
    this.#journal = journal;
    this.partitions = options.partitions;
    const start = (options.now ?? Date.now)() * OFFSETS_PER_MS;
    const names = Object.keys(TOPICS) as TopicName[];
    this.#topics = Object.fromEntries(names.map((name) => {
      const { durable, single } = TOPICS[name];
      const offsets = () =>
        new Array<number>(single ? 1 : this.partitions).fill(durable ? 0 : start);
      return [name, {
        name,
        durable,
        next: offsets(),
        stored: offsets(),
        first: offsets(),
        waiting: [],
        readers: new Set(),
      }];
    })) as unknown as Record<TopicName, Topic>;
  }

  async open(): Promise<void> {
    const topics = Object.values(this.#topics).filter((topic) => topic.durable);
    const ends = await this.#journal.call({ op: 'ends', topics: topics.map(({ name }) => name) });
    for (const { topic, partition, start, end } of ends) {
      this.#topics[topic].next[partition] = this.#topics[topic].stored[partition] = end;
      this.#topics[topic].first[partition] = start;
    }
    this.#every(COMMIT_INTERVAL_MS, () => this.#storeCommits());
    this.#every(RETAIN_INTERVAL_MS, () => this.#retain());
  }

  publish<T extends TopicName>(name: T, records: readonly Outgoing<T>[]): Promise<void> {
    if (this.#closed) {
      return Promise.reject(new BusError('closed', `Cannot publish to ${name}: the bus is closed`));
    }
    const topic = this.#topics[name];
    for (const { partition, value } of records) {
      const offset = topic.next[partition];
      if (offset === undefined) {
        const text = `Cannot publish to ${name}: there is no partition ${partition}`;
        return Promise.reject(new BusError('misuse', text));
      }
      topic.next[partition] = offset + 1;
      topic.waiting.push({ partition, offset, value });
    }
    this.#planPass();
    return topic.durable ? this.#nextStore.promise : PUBLISHED;
  }

  async read<T extends TopicName>(
    name: T,
    options: ReadOptions,
    handler: BatchHandler<T>,
  ): Promise<Reader> {
    const topic = this.#topics[name];
    const stored = options.as === 'all' || !topic.durable
      ? []
      : await this.#journal.call({ op: 'positions', group: options.group, topic: name });
    const reader = createReader<T>({
      topic: name,
      options,
      handler,
      stored,
      // Where reading begins without a position, and what "everything there was" means.
      starts: [...(options.from === 'start' ? topic.first : topic.stored)],
      ends: [...topic.stored],
      history: topic.durable ? this.#history(topic) : undefined,
      commit: (partition, offset, note) => this.#commit(name, options, partition, offset, note),
      flush: () => this.#storeCommits(),
      onError: (error) => this.#options.onError(error, { topic: name }),
      onDrop: (records) => this.#options.onDrop?.(name, records),
      onClose: () => {
        topic.readers.delete(reader as unknown as AnyReader);
        this.#share(topic, options);
      },
    });
    topic.readers.add(reader as unknown as AnyReader);
    this.#share(topic, options);
    return reader;
  }

  async check(): Promise<void> {
    if (this.#closed) throw new BusError('closed', 'Cannot use the bus: it is closed');
    await this.#journal.call({ op: 'ping' });
  }

  depths(): { topic: TopicName; waiting: number }[] {
    return Object.values(this.#topics).map((topic) => {
      let waiting = topic.waiting.length;
      for (const reader of topic.readers) waiting += reader.waiting;
      return { topic: topic.name, waiting };
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#pass();
    while (this.#storing) await this.#storing;
    for (const timer of this.#timers) clearInterval(timer);
    for (const topic of Object.values(this.#topics)) {
      for (const reader of [...topic.readers]) await reader.close();
    }
    await this.#storeCommits();
    await this.#journal.close();
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
        if (topic.durable || topic.waiting.length === 0) continue;
        moved = true;
        const records = topic.waiting;
        topic.waiting = [];
        for (const reader of topic.readers) reader.deliver(records);
      }
    }
    this.#passPlanned = false;
    this.#store();
  }

  /** Sends what waits for the journal as one group; the next group gathers until this one is stored. */
  #store(): void {
    if (this.#storing) return;
    const groups = Object.values(this.#topics)
      .filter((topic) => topic.durable && topic.waiting.length > 0)
      .map((topic) => {
        const records = topic.waiting;
        topic.waiting = [];
        return { topic, records };
      });
    if (groups.length === 0) return;
    const waiters = this.#nextStore;
    this.#nextStore = Promise.withResolvers<void>();
    this.#nextStore.promise.catch(() => {});
    const batches = groups.flatMap(({ topic, records }) => journalBatches(topic.name, records));
    const atMs = (this.#options.now ?? Date.now)();
    this.#storing = this.#journal.call({ op: 'append', atMs, batches }).then(() => {
      for (const { topic, records } of groups) {
        for (const { partition, offset } of records) topic.stored[partition] = offset + 1;
        for (const reader of topic.readers) reader.deliver(records);
      }
      waiters.resolve();
    }, (error) => waiters.reject(error)).finally(() => {
      this.#storing = undefined;
      this.#store();
    });
  }

  // --- reading ---

  #history(topic: Topic): History {
    return {
      end: (partition) => topic.stored[partition]!,
      read: async (partition, from, batchesMax) => {
        const batches = await this.#journal.call({
          op: 'read',
          topic: topic.name,
          partition,
          from,
          batchesMax,
        });
        return batches.flatMap((batch) => this.#parse(batch)).filter(({ offset }) =>
          offset >= from
        );
      },
    };
  }

  #parse({ topic, partition, base, records }: JournalBatch): Received<TopicName>[] {
    return records.split('\n').flatMap((text, index) => {
      try {
        const value = JSON.parse(text) as TopicMessages[TopicName];
        return [{ partition, offset: base + index, value }];
      } catch (cause) {
        const place = `${topic}/${partition}/${base + index}`;
        this.#options.onError(
          new BusError('corrupt', `Cannot read ${place}: it is no JSON`, { cause }),
          { topic },
        );
        return [];
      }
    });
  }

  /** Gives each member of a group its contiguous range; alike for every topic, as all count alike. */
  #share(topic: Topic, options: ReadOptions): void {
    const all = topic.next.map((_, partition) => partition);
    if (options.as !== 'group') {
      for (const reader of topic.readers) {
        if (reader.options === options) {
          reader.assign(options.as === 'slice' ? options.partitions : all);
        }
      }
      return;
    }
    const members = [...topic.readers].filter((reader) =>
      reader.options.as === 'group' && reader.options.group === options.group
    );
    members.forEach((reader, index) => {
      const from = Math.floor(index * all.length / members.length);
      const to = Math.floor((index + 1) * all.length / members.length);
      reader.assign(all.slice(from, to));
    });
  }

  // --- keeping positions, letting old records go ---

  #commit(topic: TopicName, options: ReadOptions, partition: number, offset: number, note: string) {
    if (options.as === 'all' || !TOPICS[topic].durable) return;
    const { group } = options;
    this.#commits.set(`${group}/${topic}/${partition}`, { group, topic, partition, offset, note });
  }

  /** Resolves when all commits so far are stored, those on their way included. */
  #storeCommits(): Promise<void> {
    if (this.#commits.size > 0) {
      const positions = [...this.#commits.values()];
      this.#commits.clear();
      const stored = this.#journal.call({ op: 'commit', positions });
      this.#committing = Promise.all([this.#committing, stored]).then(() => {});
      // Whoever waits sees the failure; the next commit must not inherit it.
      this.#committing.catch(() => this.#committing = PUBLISHED);
    }
    return this.#committing;
  }

  async #retain(): Promise<void> {
    const beforeMs = (this.#options.now ?? Date.now)() - RETENTION_MS;
    for (const topic of Object.values(this.#topics)) {
      if (!topic.durable || topic.name === 'config_changes') continue;
      const floors = topic.stored.map((stored, partition) => {
        const committed = [...topic.readers].map((reader) => reader.committed(partition));
        return { partition, offset: Math.min(stored, ...committed) };
      });
      await this.#journal.call({
        op: 'retain',
        retention: { topic: topic.name, beforeMs, floors },
      });
    }
  }

  #every(ms: number, work: () => Promise<void>): void {
    let running = false;
    const timer = setInterval(() => {
      if (running) return;
      running = true;
      work().catch((error) => this.#options.onError(error, {})).finally(() => running = false);
    }, ms);
    this.#timers.push(timer);
  }
}

/** One batch per partition, in the order of offsets. */
function journalBatches(topic: TopicName, records: Received<TopicName>[]): JournalBatch[] {
  const byPartition = new Map<number, { base: number; lines: string[] }>();
  for (const { partition, offset, value } of records) {
    const text = JSON.stringify(value);
    const batch = byPartition.get(partition);
    if (batch) batch.lines.push(text);
    else byPartition.set(partition, { base: offset, lines: [text] });
  }
  return [...byPartition].map(([partition, { base, lines }]) => ({
    topic,
    partition,
    base,
    count: lines.length,
    records: lines.join('\n'),
  }));
}
