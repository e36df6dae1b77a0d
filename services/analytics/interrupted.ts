/** What a crash or a change of shares leaves behind: batches whose note is stored and whose end is not. */
import type { BatchHandler, Bus, Handlers, Received, Share } from '#shared/bus/bus.ts';
import type { TopicName } from '#shared/model/events.ts';
import { covers, type OffsetRange, parseToken } from './offset-ranges.ts';

export interface InterruptedBatch {
  token: string;
  ranges: OffsetRange[];
  /**
   * Whether the reader of this share has to finish it. A batch may hold partitions that have parted
   * since; it is finished by whoever reads its lowest one now, as long as the note is still there:
   * positions of a batch are stored together, so without it the batch was finished before.
   */
  mine: boolean;
}

/** What the positions of a share say, each batch once. */
export function interruptedBatches(
  topic: TopicName,
  { partitions, position }: Pick<Share, 'partitions' | 'position'>,
): InterruptedBatch[] {
  const noteOf = (partition: number): string => position(topic, partition)?.note ?? '';
  return [...new Set(partitions.map(noteOf))].flatMap((token) => {
    const ranges = parseToken(topic, token);
    if (!ranges) return [];
    const lowest = Math.min(...ranges.map(({ partition }) => partition));
    return [{ token, ranges, mine: partitions.includes(lowest) && noteOf(lowest) === token }];
  });
}

/** Hands over exactly the records of the ranges, once each; resolves to how many are gone. */
export async function readRanges<T extends TopicName>(
  bus: Bus,
  topic: T,
  ranges: readonly OffsetRange[],
  take: (record: Received<T>) => void,
): Promise<number> {
  let missing = ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  const next = new Map(ranges.map(({ partition, first }) => [partition, first]));
  const complete = Promise.withResolvers<void>();
  const handler: BatchHandler<T> = (records) => {
    for (const record of records) {
      const { partition, offset } = record;
      // A bus may hand a record over twice.
      if (!covers(ranges, record) || offset < next.get(partition)!) continue;
      next.set(partition, offset + 1);
      missing--;
      take(record);
    }
    if (missing === 0) complete.resolve();
  };
  const options = { as: 'slice', partitions: [...next.keys()], from: new Map(next) } as const;
  const reader = await bus.read(options, { [topic]: handler } as Handlers);
  await Promise.race([complete.promise, reader.caughtUp]);
  await reader.close();
  return missing;
}
