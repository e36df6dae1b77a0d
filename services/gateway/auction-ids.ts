/** Where auctions get their id and partition: which one is `partition-breaker.ts`'s to say. */
import { randomFillSync } from 'node:crypto';
import { Buffer } from 'node:buffer';
import { makeAuctionId, RANDOM_LENGTH } from '#shared/model/auction-id.ts';

/** Random bytes are fetched for some hundred ids at once: one call for each would cost more than the id. */
const POOL_BYTES = 8_192;
/** A trace id of 16 bytes and a parent id of 8. */
const TRACE_BYTES = 24;

export interface AuctionIds {
  next(timeMs: number): { auctionId: string; partition: number };
  /** 48 random hex digits, for a new trace. */
  trace(): string;
}

/** @param pick the partition of the next auction, at this epoch ms. */
export function createAuctionIds(
  pick: (nowMs: number) => number,
  fill: (pool: Buffer) => void = randomFillSync,
): AuctionIds {
  const pool = Buffer.alloc(POOL_BYTES);
  let used = POOL_BYTES;
  const take = (bytes: number): number => {
    if (used + bytes > POOL_BYTES) {
      fill(pool);
      used = 0;
    }
    used += bytes;
    return used - bytes;
  };
  return {
    next(timeMs) {
      const partition = pick(timeMs);
      return { auctionId: makeAuctionId(timeMs, partition, pool, take(RANDOM_LENGTH)), partition };
    },
    trace() {
      const from = take(TRACE_BYTES);
      return pool.toString('hex', from, from + TRACE_BYTES);
    },
  };
}
