/** Rows on their way into one table, and the offsets they come from. */
import type { TopicName } from '#shared/model/events.ts';
import { formatToken, type OffsetRange } from './offset-ranges.ts';
import { createRowBytes } from './row-bytes.ts';

/** Rows of one insert: a second of outcomes at full load. ClickHouse wants few and large ones. */
const ROWS_MAX = 10_000;
/** Bytes of one insert: a second of details at full load, and a bound for memory. */
const BYTES_MAX = 16_000_000;
/** Partitions of one insert: at up to 48 characters each, and a mark, the note stays under Kafka's 4 KiB. */
const RANGES_MAX = 80;

export interface Batch {
  /** How many rows. */
  readonly count: number;
  readonly ranges: readonly OffsetRange[];
  /** Bytes of its rows. */
  readonly size: number;
  /** The rows, as the warehouse takes them. */
  rows(): Uint8Array[];
  /** The rows that begin with `start`. */
  startingWith(start: string): string[];
  /** Whether no more may be added, the next record being of this partition. */
  isFull(partition: number): boolean;
  /** Notes that a record of this auction belongs to the batch, whether it gives rows or not. */
  cover(partition: number, offset: number, auctionId: string): void;
  /** A row; its text may come in pieces. */
  add(...pieces: readonly string[]): void;
  /** Gives the memory of the rows back; there are none afterwards. */
  release(): void;
  /** Names exactly these records: see `offset-ranges.ts`. */
  token(): string;
}

export function createBatch(topic: TopicName): Batch {
  const rows = createRowBytes();
  const ranges: OffsetRange[] = [];
  /** Range by partition number; a plain array, as it is asked for every record. */
  const byPartition: (OffsetRange | undefined)[] = [];
  /** The auction of its first record. */
  let first: string | undefined;
  return {
    get count() {
      return rows.count;
    },
    ranges,
    get size() {
      return rows.size;
    },
    rows: () => rows.chunks(),
    startingWith: (start) => rows.startingWith(start),
    isFull(partition) {
      return rows.count >= ROWS_MAX || rows.size >= BYTES_MAX ||
        (ranges.length >= RANGES_MAX && byPartition[partition] === undefined);
    },
    cover(partition, offset, auctionId) {
      first ??= auctionId;
      const range = byPartition[partition];
      if (range) range.last = offset;
      else ranges.push(byPartition[partition] = { partition, first: offset, last: offset });
    },
    add: (...pieces) => rows.add(...pieces),
    release: () => rows.release(),
    token: () => formatToken(topic, ranges, first ?? ''),
  };
}

/** How every row text of the auction begins. */
export function rowStart(auctionId: string): string {
  return `{"auction_id":"${auctionId}"`;
}
