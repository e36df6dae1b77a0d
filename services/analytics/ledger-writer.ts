/**
 * Brings one durable topic into its table, every record exactly once. Of a batch:
 *
 * 1. its ranges of offsets are stored as the note of a commit at the unchanged positions,
 * 2. its rows are inserted with these ranges as token,
 * 3. the positions behind it are committed (stored with the next note, or on the bus's timer).
 *
 * Whoever gets a share of the partitions and finds a note in it knows that 2 may have happened: one
 * of the writers reads exactly these records again and inserts them with the same token, which the
 * table takes once. A writer whose share changes begins anew, as after a crash.
 */
import type { Bus, Reader, Received, Share } from '#shared/bus/bus.ts';
import type { TopicMessages } from '#shared/model/events.ts';
import type { Warehouse } from '#shared/warehouse/warehouse.ts';
import type { Insist } from './back-off.ts';
import { type Batch, createBatch, rowStart } from './batch.ts';
import { insertBatch } from './insert-batch.ts';
import type { InsertTrace } from './insert-trace.ts';
import { type InterruptedBatch, interruptedBatches, readRanges } from './interrupted.ts';
import { covers, type OffsetRange, type RecordPlace } from './offset-ranges.ts';
import { createSeenWindow, type SeenWindow } from './seen-window.ts';
import type { TableCounts } from './table-counts.ts';

/** Consumer group of the stage, and of nobody else. */
export const GROUP = 'analytics';
/** Rows wait at most this long: ClickHouse wants about one insert per second and table. */
export const FLUSH_INTERVAL_MS = 1_000;
/**
 * Keys remembered to find repetitions (up to twice as many): 10 to 20 s of full load, as long as a
 * process that was stopped and continued can pass for alive. About 6 MB.
 */
export const SEEN_GENERATION = 100_000;

/** ms that outcomes may wait for others: short beside the second that their rows wait. */
export const PATIENCE_MS = 100;

export type LedgerTopic = 'auction_outcomes' | 'ad_events';

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
  /** The end of the insisting. */
  signal: AbortSignal;
  onError(error: unknown): void;
  /** The warehouse has everything of these ranges. */
  onStored?: ((ranges: readonly OffsetRange[]) => void) | undefined;
  trace?: InsertTrace | undefined;
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
  #seen: SeenWindow = createSeenWindow(SEEN_GENERATION);
  #reader: Reader | undefined;
  readonly #attached = Promise.withResolvers<Reader>();
  /** The share this writer works on; what belongs to a former one is left alone. */
  #share: Share | undefined;
  /** The beginnings of shares, one after the other. */
  #begun: Promise<void> = Promise.resolve();
  /** Next offset expected, by partition: what is below was handed over before. */
  #next: number[] = [];
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
    const { bus, topic } = this.#on;
    this.#reader = await bus.read({
      as: 'group',
      group: GROUP,
      from: 'start',
      patienceMs: PATIENCE_MS,
      assigned: (share) => this.#assign(share),
    }, { [topic]: (batch: readonly Received<T>[]) => this.#take(batch, this.#share) });
    this.#attached.resolve(this.#reader);
    await this.#begun;
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

  // --- shares ---

  #assign(share: Share): Promise<void> {
    this.#share = share;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const unwritten = new Map<number, number>();
    for (const { ranges } of this.#waiting().reverse()) {
      for (const { partition, first } of ranges) unwritten.set(partition, first);
    }
    this.#open = createBatch(this.#on.topic);
    this.#next = [];
    const before = this.#begun;
    this.#begun = before.catch(() => {}).then(() => this.#begin(share, unwritten));
    // The end of the writer is no news to the bus.
    return this.#begun.catch((error) => this.#on.signal.aborted || Promise.reject(error))
      .then(() => {});
  }

  /** @param unwritten the first record of each partition that was taken and not written. */
  async #begin(share: Share, unwritten: ReadonlyMap<number, number>): Promise<void> {
    // An insert under way ends first: what it stored is seen below.
    await this.#writing?.done.catch(() => {});
    if (share !== this.#share || this.#closed) return;
    // Asked of the warehouse, not of the topic: what it holds is what must not come again.
    const keys = await this.#on.insist(() => this.#on.newestKeys(SEEN_GENERATION));
    this.#seen = createSeenWindow(SEEN_GENERATION);
    for (const key of keys) this.#seen.add(key);
    for (const partition of share.partitions) {
      const from = share.position(this.#on.topic, partition)?.offset ?? unwritten.get(partition);
      if (from !== undefined) share.startAt(this.#on.topic, partition, from);
    }
    for (const batch of interruptedBatches(this.#on.topic, share)) await this.#finish(batch, share);
  }

  /** Inserts an interrupted batch if it is ours, and goes on behind it. */
  async #finish({ token, ranges, mine }: InterruptedBatch, share: Share): Promise<void> {
    const { bus, topic, onError } = this.#on;
    const reader = await this.#attached.promise;
    if (mine) {
      const batch = createBatch(topic);
      const missing = await readRanges<T>(bus, topic, ranges, (record) => this.#add(batch, record));
      if (missing > 0) {
        onError(
          new Error(`Cannot repair ${token}: ${missing} of its records are gone from the bus`),
        );
      }
      await insertBatch(this.#on, batch, token);
    }
    for (const { partition, last } of ranges) {
      if (!share.partitions.includes(partition)) continue;
      share.startAt(topic, partition, last + 1);
      if (share === this.#share) reader.commit(topic, partition, last + 1);
    }
    // At once, so that it is not done again; where that fails, once more does no harm.
    if (mine && share === this.#share) await reader.flush().catch(() => {});
  }

  // --- taking records ---

  /** Synchronous while there is room; when a full batch waits for its turn, the bus waits with it. */
  #take(batch: readonly Received<T>[], share: Share | undefined, from = 0): void | Promise<void> {
    for (let i = from; i < batch.length && !this.#closed && share === this.#share; i++) {
      const record = batch[i]!;
      if (record.offset < (this.#next[record.partition] ?? 0)) continue;
      if (this.#open.isFull(record.partition)) {
        // A batch that was given up ends the writer: the rest stays on the bus.
        if (this.#writing) {
          return this.#writing.done.then(() => this.#take(batch, share, i), () => {});
        }
        this.#seal();
      }
      this.#next[record.partition] = record.offset + 1;
      this.#add(this.#open, record);
    }
    if (!this.#timer && !this.#writing) this.#arm();
  }

  #add(batch: Batch, record: Received<T>): void {
    batch.cover(record.partition, record.offset, record.value.auctionId);
    try {
      if (!this.#seen.add(this.#on.keyOf(record.value))) {
        this.#on.counts.repeated.inc();
        return;
      }
      for (const row of this.#on.rowsOf(record)) batch.add(row);
      this.#on.trace?.note(batch, record.value);
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
    const done = this.#write(batch).then(() => {
      this.#written?.release();
      // One that is given up is not shown, nor released: its insert may be under way all the same.
      this.#written = batch;
    }).finally(() => {
      this.#writing = undefined;
      this.#arm();
    });
    this.#writing = { batch, done };
    // Whoever waits for the batch sees the error; nobody has to.
    done.catch(() => {});
  }

  async #write(batch: Batch): Promise<void> {
    const { topic, insist, onStored, trace } = this.#on;
    const share = this.#share;
    const reader = this.#reader!;
    const token = batch.token();
    const isOurs = await insist(async () => {
      // The records of a share that was taken away are read again by whoever has it now.
      if (share !== this.#share) return false;
      for (const { partition, first } of batch.ranges) {
        reader.commit(topic, partition, first, token);
      }
      await reader.flush();
      return true;
    });
    if (!isOurs) return;
    const insert = (): Promise<void> => insertBatch(this.#on, batch, token);
    await (trace ? trace.around(batch, insert) : insert());
    onStored?.(batch.ranges);
    if (share !== this.#share) return;
    for (const { partition, last } of batch.ranges) reader.commit(topic, partition, last + 1);
  }
}
