/** Rows for tests: made of their number alone, and alive enough for every documented query. */
import { makeAuctionId } from '../model/auction-id.ts';
import type { DetailsRow } from '../model/detail-row.ts';
import type { BidFate } from '../model/events.ts';
import { clickhouseTime, type OutcomeRow } from './tables.ts';

const SEATS = ['acme', 'globex', 'initech'] as const;
const COUNTRIES = ['DEU', 'FRA', 'USA', ''] as const;
const MEDIA = ['banner', 'video', 'native'] as const;
const DEVICES = [1, 2, 4, 5] as const;
const DAY_MS = 24 * 3600 * 1000;

/** One row a minute from `startMs` on, two days at most; four of five imps are sold. */
export function sampleOutcome(n: number, startMs: number): OutcomeRow {
  const won = n % 5 !== 0;
  const bidMicros = 500_000 + (n % 37) * 40_000;
  return {
    auction_id: sampleAuctionId(n, startMs),
    time: clickhouseTime(timeOf(n, startMs)),
    request_id: `request-${n}`,
    publisher_id: `publisher-${n % 2}`,
    source: n % 10 === 0 ? 'simple' : 'openrtb',
    imp_id: '1',
    media_type: MEDIA[n % MEDIA.length]!,
    tagid: `slot-${n % 4}`,
    site_domain: `site-${n % 6}.example`,
    user_id: n % 11 === 0 ? '' : `user-${String(n % 40).padStart(3, '0')}`,
    country: COUNTRIES[n % COUNTRIES.length]!,
    device_type: DEVICES[n % DEVICES.length]!,
    test: false,
    at: 2,
    win_status: won ? 'won' : 'no_bid',
    ...(won && {
      seat: SEATS[n % SEATS.length]!,
      bidding_group: n % 3 === 0 ? 'partners' : 'house',
      campaign_id: `campaign-${n % 7}`,
      creative_id: `creative-${n % 14}`,
      adomain: [`brand-${n % 7}.example`],
      bid_micros: bidMicros,
      price_micros: Math.floor(bidMicros * 0.8 / 1000) * 1000,
    }),
    floor_micros: 100_000 * (n % 5),
    currency: 'USD',
    bids: won ? 2 + n % 2 : n % 2,
    eligible: won ? 1 + n % 2 : 0,
    enriched: n % 4 !== 0,
    closed_by: n % 20 === 0 ? 'deadline' : 'all_answered',
    groups_expected: 2,
    groups_answered: n % 20 === 0 ? 1 : 2,
    answer_ms: 1 + (n % 50) / 4,
    firsts: 63,
    trace_id: n.toString(16).padStart(32, '0'),
    partition: n % 4,
    offset: n,
  };
}

/** As an object, as an earlier version wrote it. */
export type SampleDetails = Record<Exclude<keyof DetailsRow, 'profile' | 'times'>, unknown> & {
  fates: BidFate[];
  missing: string[];
  profile?: unknown;
};

/** The details of the same auction. Every ninth has two equal bids. */
export function sampleDetails(n: number, startMs: number): SampleDetails {
  const outcome = sampleOutcome(n, startMs);
  const tied = n % 9 === 0;
  const winnerMicros = outcome.bid_micros ?? 0;
  const fate = (seat: string, priceMicros: number, loss: number, draw?: string): BidFate => ({
    impid: '1',
    seat,
    group: 'house',
    bidId: `bid-${n}-${seat}`,
    cid: `campaign-${n % 7}`,
    crid: `creative-${n % 14}`,
    priceMicros,
    status: loss === 0 ? 'won' : loss === 102 ? 'lost' : 'invalid',
    loss,
    rule: loss === 0 ? 'Highest bid' : loss === 102 ? 'Lost to a higher bid' : 'Below the floor',
    ...(draw && { draw }),
  });
  const fates = outcome.win_status === 'won'
    ? [
      fate('acme', winnerMicros, 0, tied ? '00ab' : undefined),
      fate('globex', tied ? winnerMicros : winnerMicros - 20_000, 102, tied ? '7fcd' : undefined),
      fate('initech', 50_000, 100),
    ]
    : [fate('initech', 50_000, 100)];
  return {
    auction_id: outcome.auction_id,
    time: outcome.time,
    publisher_id: outcome.publisher_id,
    user_id: outcome.user_id,
    request: { id: outcome.request_id, imp: [{ id: '1', bidfloor: outcome.floor_micros / 1e6 }] },
    groups: [{ group: 'house', enriched: outcome.enriched, tookMs: n % 8, seats: [] }],
    fates,
    ...(outcome.enriched && { profile: { userId: outcome.user_id, locale: 'de-DE' } }),
    rules: { incrementMicros: 10_000, defaultFloorMicros: 0 },
    salt: { day: '2026-11-22', commitment: 'ab'.repeat(32) },
    missing: outcome.closed_by === 'deadline' ? ['partners'] : [],
    traceparent: `00-${outcome.trace_id}-${'1'.padStart(16, '0')}-01`,
  };
}

/** `count` rows as the warehouse takes them. */
export function sampleRows(
  make: (n: number, startMs: number) => OutcomeRow | SampleDetails,
  count: number,
  startMs: number,
): string[] {
  return Array.from({ length: count }, (_, n) => JSON.stringify(make(n, startMs)));
}

function sampleAuctionId(n: number, startMs: number): string {
  const random = Uint8Array.from({ length: 12 }, (_, i) => (n * 31 + i * 7) % 32);
  return makeAuctionId(timeOf(n, startMs), n % 4, random);
}

function timeOf(n: number, startMs: number): number {
  return startMs + (n * 60_000) % (2 * DAY_MS);
}
