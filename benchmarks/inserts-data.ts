/** Outcomes of a busy exchange, each made of its number alone. */
import { createHash } from 'node:crypto';
import { makeAuctionId } from '#shared/model/auction-id.ts';
import type { AuctionOutcome, ImpOutcome } from '#shared/model/events.ts';
import { campaignName, SEATS, siteName, userName, USERS } from './queries-data.ts';

/** 2026-11-01, so that all are of one month. */
const START_MS = Date.UTC(2026, 10, 1);
/** 1,250 auctions a second. */
const STEP_MS = 0.8;
const SITES = 4_000;

export function outcomeOf(n: number): AuctionOutcome {
  const hash = createHash('sha256').update(String(n)).digest();
  /** A number from 0 up to 1, of the auction and this place. */
  const share = (at: number): number => hash.readUInt16LE(at) / 65_536;
  const imps = share(0) < 0.6 ? 1 : share(0) < 0.85 ? 2 : 3;
  const site = Math.floor(SITES ** share(2));
  const known = share(4) >= 0.05;
  const timeMs = START_MS + Math.floor(n * STEP_MS);
  return {
    v: 1,
    auctionId: makeAuctionId(timeMs, n % 4, hash),
    traceparent: `00-${hash.toString('hex', 0, 16)}-00f067aa0ba902b7-01`,
    issuedAt: timeMs + 4,
    deadline: timeMs + 100,
    publisherId: `pub-${site % 40}`,
    requestId: `req-${hash.toString('hex', 16, 24)}`,
    source: n % 10 === 0 ? 'simple' : 'openrtb',
    siteDomain: siteName(site),
    userId: known ? userName(1 + Math.floor(USERS * share(6) ** 1.5)) : '',
    country: ['DEU', 'FRA', 'USA', 'GBR', ''][n % 5]!,
    deviceType: [1, 2, 4, 5][n % 4]!,
    test: n % 100 === 0,
    at: 2,
    currency: 'USD',
    enriched: known && share(8) < 0.9,
    closedBy: share(10) < 0.02 ? 'deadline' : 'all_answered',
    groupsExpected: 2,
    groupsAnswered: 2,
    receivedAt: timeMs,
    tookMs: 1 + 8 * share(12) ** 3,
    imps: Array.from({ length: imps }, (_, i) => impOf(i, (at) => share((14 + i * 4 + at) % 30))),
  };
}

function impOf(i: number, share: (at: number) => number): ImpOutcome {
  const floorMicros = Math.floor(100 * share(0) ** 2) * 10_000;
  const bidMicros = floorMicros + 10_000 + Math.floor(200_000 / (0.05 + share(1)));
  const seat = SEATS[Math.floor(4 * share(2) ** 1.4)]!;
  const cid = campaignName(seat, 1 + Math.floor(4 * share(3) ** 1.6));
  const imp: ImpOutcome = {
    impid: `${i + 1}`,
    mediaType: 'banner',
    tagid: `slot-${i + 1}`,
    floorMicros,
    bids: 3,
    eligible: 2,
  };
  if (share(4) >= 0.85) return imp;
  const priceMicros = Math.floor((floorMicros + bidMicros) / 2_000) * 1_000;
  return {
    ...imp,
    winner: {
      seat,
      group: seat < 'n' ? 'house' : 'partners',
      bidId: 'b',
      cid,
      crid: `${cid}-300x250`,
      adomain: [`${cid}.example`],
      mtype: 1,
      bidMicros,
      priceMicros,
      w: 300,
      h: 250,
      adm: '',
    },
  };
}
