/** A second of the live feed for tests, in which nothing happened but what `part` says. */
import type { LiveSecond } from '#shared/model/live.ts';

export function testSecond(at: number, part: Partial<LiveSecond> = {}): LiveSecond {
  return {
    at,
    auctions: 0,
    imps: 0,
    won: 0,
    late: 0,
    enriched: 0,
    revenueMicros: 0,
    priceMicros: 0,
    bidMicros: 0,
    p50Ms: null,
    p99Ms: null,
    ...part,
  };
}
