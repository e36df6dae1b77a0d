/**
 * Where a page ends: a keyset, opaque to the reader. The auction id holds the time, so id and imp
 * place a row in the order (time, auction_id, imp_id).
 */
import { Buffer } from 'node:buffer';
import { parseAuctionId } from '#shared/model/auction-id.ts';

export interface Keyset {
  timeMs: number;
  auctionId: string;
  impId: string;
}

/** Longest cursor read; imp ids are bounded far below. */
const LENGTH_MAX = 1_024;

export function writeCursor(auctionId: string, impId: string): string {
  return Buffer.from(`${auctionId}/${impId}`).toString('base64url');
}

/** Undefined when the text is no cursor. */
export function readCursor(text: string): Keyset | undefined {
  if (text.length > LENGTH_MAX || !/^[A-Za-z0-9_-]+$/.test(text)) return undefined;
  const plain = Buffer.from(text, 'base64url').toString();
  const slash = plain.indexOf('/');
  const auctionId = plain.slice(0, slash);
  const parsed = slash < 0 ? undefined : parseAuctionId(auctionId);
  return parsed && { timeMs: parsed.timeMs, auctionId, impId: plain.slice(slash + 1) };
}
