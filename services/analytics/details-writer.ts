/**
 * Brings details into their table, best effort: they are sampled, not journalled and nobody waits
 * for them. What does not fit into the buffer while the warehouse is slow or away is dropped and
 * counted, before any work is spent on it.
 */
import type { Bus, Reader, Received } from '#shared/bus/bus.ts';
import { DETAIL_COLUMNS, detailRowStart } from '#shared/model/detail-row.ts';
import type { Warehouse } from '#shared/warehouse/warehouse.ts';
import type { Insist } from './back-off.ts';
import { type Batch, createBatch } from './batch.ts';
import { insertBatch } from './insert-batch.ts';
import { GROUP, PATIENCE_MS } from './ledger-writer.ts';
import type { TableCounts } from './table-counts.ts';

const TOPIC = 'auction_details';
/**
 * Rows wait at most this long, and are shown from here meanwhile. Half as many inserts as of
 * outcomes: merging what they leave behind costs more than anything else of a row.
 */
const FLUSH_INTERVAL_MS = 2_000;
/** Bytes of rows that may wait: some slow inserts at full load, and a bound for memory. */
export const WAITING_BYTES_MAX = 64_000_000;

export interface DetailsSetup {
  bus: Bus;
  warehouse: Warehouse;
  table: string;
  counts: TableCounts;
  insist: Insist;
  onError(error: unknown): void;
  /** Told of all records, also those there is no room for. */
  onRecords?: ((batch: readonly Received<typeof TOPIC>[]) => void) | undefined;
}

export interface DetailsWriter {
  start(): Promise<void>;
  /** Resolves when nothing waits. */
  flush(): Promise<void>;
  /** The row of an auction which the warehouse may not have yet. */
  find(auctionId: string): string | undefined;
  waitingRows(): number;
  close(): Promise<void>;
}

export function createDetailsWriter(setup: DetailsSetup): DetailsWriter {
  return new Details(setup);
}

class Details implements DetailsWriter {
  readonly #on: DetailsSetup;
  #open = createBatch(TOPIC);
  /** Full batches, oldest first; the first one is being written. */
  readonly #full: Batch[] = [];
  /** The batch written last: shown without asking the warehouse. */
  #written: Batch | undefined;
  #bytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;
  #reader: Reader | undefined;
  #closed = false;

  constructor(setup: DetailsSetup) {
    this.#on = setup;
  }

  async start(): Promise<void> {
    const options = { as: 'group', group: GROUP, from: 'end', patienceMs: PATIENCE_MS } as const;
    this.#reader = await this.#on.bus.read(options, { [TOPIC]: (batch) => this.#take(batch) });
  }

  async flush(): Promise<void> {
    this.#seal();
    await this.#writing;
  }

  find(auctionId: string): string | undefined {
    const start = detailRowStart(auctionId);
    for (const batch of [this.#open, ...this.#full, this.#written]) {
      const [row] = batch?.startingWith(start) ?? [];
      if (row !== undefined) return row;
    }
    return undefined;
  }

  waitingRows(): number {
    return this.#full.reduce((sum, { count }) => sum + count, this.#open.count);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#reader?.close();
  }

  #take(batch: readonly Received<typeof TOPIC>[]): void {
    if (this.#closed) return;
    this.#on.onRecords?.(batch);
    for (const record of batch) {
      if (this.#bytes >= WAITING_BYTES_MAX) this.#on.counts.dropped.inc();
      else this.#add(record);
    }
    if (!this.#timer && this.#open.count > 0) {
      this.#timer = setTimeout(() => this.#seal(), FLUSH_INTERVAL_MS);
    }
  }

  #add({ partition, offset, value }: Received<typeof TOPIC>): void {
    if (this.#open.isFull(partition)) this.#seal();
    this.#open.cover(partition, offset, value.auctionId);
    const before = this.#open.size;
    this.#open.add(...value.row);
    this.#bytes += this.#open.size - before;
  }

  #seal(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#open.count > 0) {
      this.#full.push(this.#open);
      this.#open = createBatch(TOPIC);
    }
    this.#writing ??= this.#writeAll().finally(() => this.#writing = undefined);
    // Whoever waits sees the error; nobody has to.
    this.#writing.catch(() => {});
  }

  async #writeAll(): Promise<void> {
    for (let batch = this.#full[0]; batch; batch = this.#full[0]) {
      await insertBatch({ ...this.#on, columns: DETAIL_COLUMNS }, batch, batch.token());
      this.#written?.release();
      this.#written = batch;
      this.#full.shift();
      this.#bytes -= batch.size;
      // Where the bus keeps them, whoever reads the partition next must not write them again.
      for (const { partition, last } of batch.ranges) {
        this.#reader?.commit(TOPIC, partition, last + 1);
      }
    }
  }
}
