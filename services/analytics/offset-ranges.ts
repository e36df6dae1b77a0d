/**
 * Which records a batch is made of: one contiguous range of offsets per partition. Their text is
 * the token of the batch's insert and the note stored before it, so what a crash leaves behind
 * names exactly the records to read again.
 *
 * Offsets begin anew with another log: topics that were made again, a data folder that was emptied. The
 * table would pass over what has a token of the old one, so each token ends in a mark of its records.
 */
import { createHash } from 'node:crypto';
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
/** Behind the ranges; tokens of earlier versions have none. */
const MARK = /#[\w-]{12}$/;
const MARK_LENGTH = 12;

/**
 * `auction_outcomes:0:100-199,auction_outcomes:1:50-80#pZGm1Av0IEBK`, sorted by partition.
 * @param auctionId of one of its records
 */
export function formatToken(
  topic: TopicName,
  ranges: readonly OffsetRange[],
  auctionId: string,
): string {
  const list = ranges.toSorted((a, b) => a.partition - b.partition)
    .map(({ partition, first, last }) => `${topic}:${partition}:${first}-${last}`);
  // Whatever came as an id: a note has no room for much.
  const mark = createHash('sha256').update(auctionId).digest('base64url').slice(0, MARK_LENGTH);
  return `${list.join()}#${mark}`;
}

/** The ranges of a token, or undefined when the text is no token of this topic. */
export function parseToken(topic: TopicName, token: string): OffsetRange[] | undefined {
  const ranges: OffsetRange[] = [];
  for (const part of token.replace(MARK, '').split(',')) {
    const [, name, partition, first, last] = PATTERN.exec(part) ?? [];
    if (name !== topic) return undefined;
    ranges.push({ partition: Number(partition), first: Number(first), last: Number(last) });
  }
  return ranges;
}
