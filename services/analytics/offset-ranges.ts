/**
 * Which records a batch is made of: one contiguous range of offsets per partition. Their text is
 * the token of the batch's insert and the note stored before it, so what a crash leaves behind
 * names exactly the records to read again.
 */
import type { TopicName } from '#shared/model/events.ts';

export interface OffsetRange {
  partition: number;
  /** Inclusive at both ends. */
  first: number;
  last: number;
}

/** The place of one record. */
export interface RecordPlace {
  partition: number;
  offset: number;
}

export function covers(ranges: readonly OffsetRange[], at: RecordPlace): boolean {
  return ranges.some(({ partition, first, last }) =>
    partition === at.partition && first <= at.offset && at.offset <= last
  );
}

const PATTERN = /^([a-z_]+):(\d+):(\d+)-(\d+)$/;

/** `auction_outcomes:0:100-199,auction_outcomes:1:50-80`, sorted by partition. */
export function formatToken(topic: TopicName, ranges: readonly OffsetRange[]): string {
  return ranges.toSorted((a, b) => a.partition - b.partition)
    .map(({ partition, first, last }) => `${topic}:${partition}:${first}-${last}`)
    .join(',');
}

/** The ranges of a token, or undefined when the text is no token of this topic. */
export function parseToken(topic: TopicName, token: string): OffsetRange[] | undefined {
  const ranges: OffsetRange[] = [];
  for (const part of token.split(',')) {
    const [, name, partition, first, last] = PATTERN.exec(part) ?? [];
    if (name !== topic) return undefined;
    ranges.push({ partition: Number(partition), first: Number(first), last: Number(last) });
  }
  return ranges;
}
