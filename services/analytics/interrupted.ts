/** What a crash leaves behind: batches whose note was stored and whose end was not. */
import type { Reader, Received } from '#shared/bus/bus.ts';
import type { TopicName } from '#shared/model/events.ts';
import { type Batch, createBatch } from './batch.ts';
import { covers, type OffsetRange, parseToken } from './offset-ranges.ts';

export interface InterruptedBatch {
  token: string;
  ranges: OffsetRange[];
  /** A position behind one of its ranges is stored: the insert had been acknowledged. */
  inserted: boolean;
}

/** What the positions say that a reader found when it started. */
export function interruptedBatches(
  topic: TopicName,
  reader: Pick<Reader, 'partitions' | 'position'>,
): InterruptedBatch[] {
  const notes = new Set(reader.partitions.map((p) => reader.position(p)?.note ?? ''));
  return [...notes].flatMap((token) => {
    const ranges = parseToken(topic, token);
    if (!ranges) return [];
    const inserted = ranges.some(({ partition, last }) =>
      (reader.position(partition)?.offset ?? 0) > last
    );
    return [{ token, ranges, inserted }];
  });
}

export interface Repair<T extends TopicName> {
  /** Takes records as a reader hands them over, once each, and passes by those of no batch. */
  collect(records: readonly Received<T>[]): void;
  /** Resolves when every record of every batch has come. */
  complete: Promise<void>;
  parts: { token: string; ranges: OffsetRange[]; batch: Batch; missing: number }[];
}

/** Gathers the records of batches that may not have been inserted; `add` makes rows of each. */
export function createRepair<T extends TopicName>(
  topic: T,
  interrupted: readonly InterruptedBatch[],
  add: (batch: Batch, record: Received<T>) => void,
): Repair<T> {
  const parts = interrupted.map(({ token, ranges, inserted }) => ({
    token,
    ranges,
    batch: createBatch(topic),
    missing: inserted ? 0 : ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0),
  }));
  /** A bus may hand a record over twice. */
  const next = new Map<number, number>();
  const { promise: complete, resolve } = Promise.withResolvers<void>();
  const check = (): void => {
    if (parts.every(({ missing }) => missing === 0)) resolve();
  };
  check();
  return {
    complete,
    parts,
    collect(records) {
      for (const record of records) {
        const { partition, offset } = record;
        const part = parts.find(({ ranges }) => covers(ranges, record));
        if (!part || part.missing === 0 || offset < (next.get(partition) ?? 0)) continue;
        next.set(partition, offset + 1);
        part.missing--;
        add(part.batch, record);
      }
      check();
    },
  };
}
