/** How long auctions may take, and how long their answers are kept. All in ms. */
import { parseAuctionId } from '#shared/model/auction-id.ts';

/** A longer wait is cut to this: it would only hold memory. */
export const TMAX_LONGEST_MS = 10_000;
/** With less time than this nobody could answer; the request ends with no-bid reason 15. */
export const TMAX_SHORTEST_MS = 10;
/** Nobody stands at the door of an asynchronous request, so its outcome may come a little later. */
export const ASYNC_GRACE_MS = 1_000;
/**
 * After its deadline in which the gateway that holds an auction tells what it answered. Who asks
 * meanwhile is told to come again.
 */
export const SETTLED_MS = 2_000;
/**
 * After the last empty answer in which a gateway that closes still looks out for outcomes: what is on its
 * way over a slow Kafka comes in some hundred.
 */
export const LATE_CLOSE_MS = 1_000;
/**
 * How long an answer can be had again after its auction, and how long an `Idempotency-Key` is
 * taken: sixty looks of who comes as often as `Retry-After` says. An ad is for somebody who looks
 * at a page now, and each answer is some kB in a store that all gateways share.
 */
export const KEPT_MS = 60_000;

/** Whether the auction may still be open, at whichever gateway, whose clock may be ahead of ours. */
export function isYoung(auctionId: string, now: number): boolean {
  const { timeMs } = parseAuctionId(auctionId) ?? { timeMs: 0 };
  return Math.abs(now - timeMs) < TMAX_LONGEST_MS + ASYNC_GRACE_MS;
}
