/** Rows on their way into one table, and the offsets they come from. */
import type { TopicName } from '#shared/model/events.ts';
import { formatToken, type OffsetRange } from './offset-ranges.ts';

/** Rows of one insert: a second of outcomes at full load. ClickHouse wants few and large ones. */
const ROWS_MAX = 10_000;
/** Characters of one insert: half a second of details at full load, and a bound for memory. */
const CHARACTERS_MAX = 16_000_000;
/** Partitions of one insert: at up to 48 characters each the note stays under Kafka's 4 KiB. */
const RANGES_MAX = 80;

export interface Batch {
  readonly rows: readonly string[];
  readonly ranges: readonly OffsetRange[];
  readonly characters: number;
  /** Whether no more may be added, the next record being of this partition. */
  isFull(partition: number): boolean;
  /** Notes that the record belongs to the batch, whether it gives rows or not. */
  cover(partition: number, offset: number): void;
  add(row: string): void;
  /** Names exactly these records: see `offset-ranges.ts`. */
  token(): string;
}

export function createBatch(topic: TopicName): Batch {
  const rows: string[] = [];
  const ranges: OffsetRange[] = [];
  /** Range by partition number; a plain array, as it is asked for every record. */
  const byPartition: (OffsetRange | undefined)[] = [];
  let characters = 0;
  return {
    rows,
    ranges,
    get characters() {
      return characters;
    },
    isFull(partition) {
      return rows.length >= ROWS_MAX || characters >= CHARACTERS_MAX ||
        (ranges.length >= RANGES_MAX && byPartition[partition] === undefined);
    },
    cover(partition, offset) {
      const range = byPartition[partition];
      if (range) range.last = offset;
      else ranges.push(byPartition[partition] = { partition, first: offset, last: offset });
    },
    add(row) {
      rows.push(row);
      characters += row.length;
    },
    token: () => formatToken(topic, ranges),
  };
}
