/**
 * Where a page ends: a keyset, opaque to the reader. The auction id holds the time, so id and imp
 * place a row in the order (time, auction_id, imp_id); other sortings put their value before it.
 */
import { Buffer } from 'node:buffer';
import { parseAuctionId } from '#shared/model/auction-id.ts';
import { ID_LENGTH_MAX } from '#shared/model/openrtb-checks.ts';
import { NEWEST_FIRST, type Sorting } from './sorting.ts';

export interface Keyset {
  timeMs: number;
  auctionId: string;
  impId: string;
  /** Of the column sorted by; not of `time`. */
  value?: number;
}

/** Bytes of the sorting, the auction id and the longest imp id; the first two need less than 100. */
const BYTES_MAX = 100 + 3 * ID_LENGTH_MAX;
/** Longest cursor read, in base64. */
const LENGTH_MAX = Math.ceil(BYTES_MAX * 4 / 3);

/** @param value of the column sorted by, as the warehouse gave it; ignored by time. */
export function writeCursor(
  auctionId: string,
  impId: string,
  sorting: Sorting = NEWEST_FIRST,
  value = 0,
): string {
  return Buffer.from(`${prefixOf(sorting, value)}${auctionId}/${impId}`).toString('base64url');
}

/** The place of a row in the order of time. */
export function auctionKeyset(auctionId: string, impId: string): Keyset {
  return { timeMs: parseAuctionId(auctionId)!.timeMs, auctionId, impId };
}

/** Undefined when the text is no cursor, or one of another sorting. */
export function readCursor(text: string, sorting: Sorting = NEWEST_FIRST): Keyset | undefined {
  if (text.length > LENGTH_MAX || !/^[A-Za-z0-9_-]+$/.test(text)) return undefined;
  const [, prefix = '', auctionId, impId] = CURSOR.exec(
    Buffer.from(text, 'base64url').toString(),
  ) ?? [];
  const parsed = auctionId === undefined ? undefined : parseAuctionId(auctionId);
  const value = Number(prefix.slice(0, -1).split(':')[2] ?? 0);
  if (!parsed || !isValue(value, sorting) || prefix !== prefixOf(sorting, value)) return undefined;
  const keyset = { timeMs: parsed.timeMs, auctionId: auctionId!, impId: impId! };
  return sorting.sort === 'time' ? keyset : { ...keyset, value };
}

/** Whether the column sorted by can have the value: answer times have fractions, the others do not. */
function isValue(value: number, { sort }: Sorting): boolean {
  if (sort === 'answer_ms') return Math.abs(value) <= Number.MAX_SAFE_INTEGER;
  return Number.isSafeInteger(value) && value >= 0;
}

const CURSOR = /^([a-z_]+:[a-z]+:[0-9.e+-]+\/)?([^/]*)\/(.*)$/s;

/** Newest first has none; it is what the API began with. */
function prefixOf({ sort, order }: Sorting, value: number): string {
  if (sort === 'time') return order === 'desc' ? '' : 'time:asc:0/';
  return `${sort}:${order}:${value}/`;
}
