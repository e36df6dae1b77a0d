/**
 * Brings one durable topic into its table, every record exactly once. Of a batch:
 *
 * 1. its ranges of offsets are stored as the note of a commit at the unchanged positions,
 * 2. its rows are inserted with these ranges as token,
 * 3. the positions behind it are committed (stored with the next note, or on the bus's timer).
 *
 * A writer that starts and finds a note knows that 2 may have happened: it reads exactly these
 * records again and inserts them with the same token, which the table takes once.
 */
import type { Bus, Reader, Received } from '#shared/bus/bus.ts';
import type { TopicMessages } from '#shared/model/events.ts';
import type { Warehouse } from '#shared/warehouse/warehouse.ts';
import type { Insist } from './back-off.ts';
import { type Batch, createBatch, rowStart } from './batch.ts';
import { createRepair, interruptedBatches, type Repair } from './interrupted.ts';
import { covers, type OffsetRange, type RecordPlace } from './offset-ranges.ts';
import { createSeenWindow, type SeenWindow } from './seen-window.ts';
import type { TableCounts } from './table-counts.ts';

/** Consumer group of the stage, and of nobody else. */
export const GROUP = 'analytics';
/** Rows wait at most this long: ClickHouse wants about one insert per second and table. */
export const FLUSH_INTERVAL_MS = 1_000;
/**
 * Keys remembered to find repetitions (up to twice as many): 10 to 20 s of full load, as long as a
 * process that was stopped and continued can pass for alive. About 7 MB.
 */
export const SEEN_GENERATION = 100_000;

export type LedgerTopic = 'auction_outcomes' | 'ad_events';
type Handler<T extends LedgerTopic> = (batch: readonly Received<T>[]) => void | Promise<void>;

export interface LedgerSetup<T extends LedgerTopic> {
  bus: Bus;
  warehouse: Warehouse;
  topic: T;
  table: string;
  /** JSON texts of a record's rows; throws when it is no such message. */
  rowsOf(record: Received<T>): readonly string[];
  /** What two records of the same thing share. */
  keyOf(value: TopicMessages[T]): string;
  /** Keys of the newest rows, at most `limit`: repetitions are found across restarts too. */
  newestKeys(limit: number): Promise<string[]>;
  counts: TableCounts;
  /** Tries until it works; rejects when the writer is given up. */
  insist: Insist;
  onError(error: unknown): void;
  /** The warehouse has everything of these ranges. */
  onStored?: ((ranges: readonly OffsetRange[]) => void) | undefined;
}

export interface LedgerWriter {
  /** Repairs what a crash left behind, then reads on. Waits as long as the warehouse is away. */
  start(): Promise<void>;
  /** Resolves when nothing waits and everything is committed. */
  flush(): Promise<void>;
  /** Rows of an auction which the warehouse may not have yet. */
  find(auctionId: string): string[];
  /** Whether a record that was read still waits for its insert. */
  isWaiting(place: RecordPlace): boolean;
  waitingRows(): number;
  /** Takes no more records and ends; what is not written stays on the bus for the next start. */
  close(): Promise<void>;
}

export function createLedgerWriter<T extends LedgerTopic>(setup: LedgerSetup<T>): LedgerWriter {
  return new Ledger(setup);
}

class Ledger<T extends LedgerTopic> implements LedgerWriter {
  readonly #on: LedgerSetup<T>;
  readonly #seen: SeenWindow = createSeenWindow(SEEN_GENERATION);
  #reader: Reader | undefined;
  /** Next offset expected, by partition: what is below was handed over before. */
  readonly #next: number[] = [];
  #open: Batch;
  #timer: NodeJS.Timeout | undefined;
  /** The batch being written, and the end of that; one at a time. */
  #writing: { batch: Batch; done: Promise<void> } | undefined;
  /** The batch written last: shown without asking the warehouse. */
  #written: Batch | undefined;
  #closed = false;

  constructor(setup: LedgerSetup<T>) {
    this.#on = setup;
    this.#open = createBatch(setup.topic);
  }

  async start(): Promise<void> {
    // Asked of the warehouse, not of the topic: what it holds is what must not come again.
    const keys = await this.#on.insist(() => this.#on.newestKeys(SEEN_GENERATION));
    for (const key of keys) this.#seen.add(key);
    let go = await this.#attach();
    const interrupted = interruptedBatches(this.#on.topic, this.#reader!);
    if (interrupted.length > 0) {
      const add = (batch: Batch, record: Received<T>): void => this.#add(batch, record);
      const repair = createRepair(this.#on.topic, interrupted, add);
      go(repair.collect);
      await this.#finish(this.#reader!, repair);
      // This reader is past the interrupted batches and cannot go back: a new one starts behind them.
      await this.#reader!.close();
      go = await this.#attach();
    }
    go((batch) => this.#take(batch));
  }

  async flush(): Promise<void> {
    while (this.#writing || this.#open.ranges.length > 0) {
      if (!this.#writing) this.#seal();
      await this.#writing?.done;
    }
    await this.#reader?.flush();
  }

  find(auctionId: string): string[] {
    const start = rowStart(auctionId);
    for (const batch of [this.#open, this.#writing?.batch, this.#written]) {
      const rows = batch?.startingWith(start) ?? [];
      if (rows.length > 0) return rows;
    }
    return [];
  }

  isWaiting(place: RecordPlace): boolean {
    return this.#waiting().some(({ ranges }) => covers(ranges, place));
  }

  waitingRows(): number {
    return this.#waiting().reduce((sum, { count }) => sum + count, 0);
  }

  #waiting(): Batch[] {
    return this.#writing ? [this.#writing.batch, this.#open] : [this.#open];
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#reader?.close();
  }

  // --- taking records ---

  /** Opens the reader; its records wait for the handler, which depends on the positions it found. */
  async #attach(): Promise<(handler: Handler<T>) => void> {
    const { bus, topic } = this.#on;
    let handler: Handler<T> | undefined;
    const known = Promise.withResolvers<void>();
    const options = { as: 'group', group: GROUP, from: 'start' } as const;
    this.#reader = await bus.read(
      topic,
      options,
      (batch) => handler ? handler(batch) : known.promise.then(() => handler!(batch)),
    );
    return (given) => {
      handler = given;
      known.resolve();
    };
  }

  /** Synchronous while there is room; when a full batch waits for its turn, the bus waits with it. */
  #take(batch: readonly Received<T>[], from = 0): void | Promise<void> {
    for (let i = from; i < batch.length && !this.#closed; i++) {
      const record = batch[i]!;
      if (record.offset < (this.#next[record.partition] ?? 0)) continue;
      if (this.#open.isFull(record.partition)) {
        // A batch that was given up ends the writer: the rest stays on the bus.
        if (this.#writing) return this.#writing.done.then(() => this.#take(batch, i), () => {});
        this.#seal();
      }
      this.#next[record.partition] = record.offset + 1;
      this.#add(this.#open, record);
    }
    if (!this.#timer && !this.#writing) this.#arm();
  }

  #add(batch: Batch, record: Received<T>): void {
    batch.cover(record.partition, record.offset);
    try {
      if (!this.#seen.add(this.#on.keyOf(record.value))) {
        this.#on.counts.repeated.inc();
        return;
      }
      for (const row of this.#on.rowsOf(record)) batch.add(row);
    } catch (cause) {
      const place = `${this.#on.topic}/${record.partition}/${record.offset}`;
      this.#on.counts.unreadable.inc();
      this.#on.onError(new Error(`Cannot make rows of ${place}: it is left out`, { cause }));
    }
  }

  // --- writing a batch ---

  #arm(): void {
    if (this.#closed || this.#open.ranges.length === 0) return;
    this.#timer = setTimeout(() => this.#seal(), FLUSH_INTERVAL_MS);
  }

  /** Ends the open batch and begins to write it; only called while none is being written. */
  #seal(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const batch = this.#open;
    this.#open = createBatch(this.#on.topic);
    const done = this.#write(batch).finally(() => {
      this.#written = batch;
      this.#writing = undefined;
      this.#arm();
    });
    this.#writing = { batch, done };
    // Whoever waits for the batch sees the error; nobody has to.
    done.catch(() => {});
  }

  async #write(batch: Batch): Promise<void> {
    const reader = this.#reader!;
    const token = batch.token();
    await this.#on.insist(() => {
      for (const { partition, first } of batch.ranges) reader.commit(partition, first, token);
      return reader.flush();
    });
    await this.#insert(batch, token);
    for (const { partition, last } of batch.ranges) reader.commit(partition, last + 1);
    this.#on.onStored?.(batch.ranges);
  }

  async #insert(batch: Batch, token: string): Promise<void> {
    if (batch.count === 0) return;
    const { warehouse, table, counts, insist } = this.#on;
    const began = performance.now();
    await insist(() => warehouse.insert(table, batch.rows(), token));
    counts.seconds.observe((performance.now() - began) / 1000);
    counts.rows.inc(batch.count);
  }

  // --- after a crash ---

  /** Inserts and commits the interrupted batches; where nothing is missing that takes one look. */
  async #finish(reader: Reader, { parts, complete }: Repair<T>): Promise<void> {
    await Promise.race([complete, reader.caughtUp]);
    for (const { token, ranges, batch, missing } of parts) {
      if (missing > 0) {
        const text = `Cannot repair ${token}: ${missing} of its records are gone from the bus`;
        this.#on.onError(new Error(text));
      }
      await this.#insert(batch, token);
      for (const { partition, last } of ranges) {
        // A position may be behind the batch already; it never goes back.
        if ((reader.position(partition)?.offset ?? 0) <= last) reader.commit(partition, last + 1);
      }
    }
    await reader.flush();
  }
}
