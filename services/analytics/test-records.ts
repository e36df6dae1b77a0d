/** Records for the tests of this folder. */
import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { makeAuctionId } from '#shared/model/auction-id.ts';
import { detailRow, type DetailsOf } from '#shared/model/detail-row.ts';
import type {
  AdEvent,
  AuctionDetails,
  AuctionOutcome,
  BidFate,
  BidOffer,
  ImpOutcome,
  Winner,
} from '#shared/model/events.ts';
import type { Explanation } from '#shared/model/explanation.ts';

/** 2025-12-17T19:33:20.000Z */
export const TIME_MS = 1_766_000_000_000;

/** The same id for the same number, time and partition. */
export function idOf(n: number, timeMs = TIME_MS + n, partition = 0): string {
  return makeAuctionId(timeMs, partition, createHash('sha256').update(String(n)).digest());
}

/** Id of the auction `n` of today: details of an older one would be deleted by age. */
export function recentId(n: number): string {
  return idOf(n, Math.floor(Date.now() / DAY_MS) * DAY_MS + n);
}
const DAY_MS = 86_400_000;

export const WINNER: Winner = {
  seat: 'acme',
  group: 'house',
  bidId: 'bid-1',
  cid: 'camp-1',
  crid: 'cre-1',
  adomain: ['brand.example'],
  mtype: 1,
  bidMicros: 2_100_000,
  priceMicros: 1_510_000,
  w: 300,
  h: 250,
  dur: 15,
  adm: '<a href="https://brand.example">ad</a>',
};

export function impOutcome(changes: Partial<ImpOutcome> = {}): ImpOutcome {
  return {
    impid: '1',
    mediaType: 'banner',
    tagid: 'top',
    floorMicros: 200_000,
    bids: 2,
    eligible: 2,
    winner: WINNER,
    ...changes,
  };
}

export function outcome(n: number, changes: Partial<AuctionOutcome> = {}): AuctionOutcome {
  const auctionId = changes.auctionId ?? idOf(n);
  return {
    v: 1,
    auctionId,
    traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    issuedAt: TIME_MS + n + 4,
    deadline: TIME_MS + n + 100,
    publisherId: 'demo',
    requestId: `req-${n}`,
    source: 'openrtb',
    siteDomain: 'news.example.com',
    userId: `user-${n % 10}`,
    country: 'DEU',
    deviceType: 2,
    test: false,
    at: 2,
    currency: 'USD',
    enriched: true,
    closedBy: 'all_answered',
    groupsExpected: 2,
    groupsAnswered: 2,
    receivedAt: TIME_MS + n,
    tookMs: 4,
    imps: [impOutcome()],
    ...changes,
  };
}

const OFFER: BidOffer = {
  id: WINNER.bidId,
  impid: '1',
  priceMicros: WINNER.bidMicros,
  currency: 'USD',
  mtype: 1,
  adm: WINNER.adm,
  adomain: WINNER.adomain,
  crid: WINNER.crid,
  cid: WINNER.cid,
  cat: ['IAB1'],
  attr: [],
  w: 300,
  h: 250,
  dur: WINNER.dur,
};

/** As the auction stage writes it. */
export const FATE: BidFate = {
  impid: '1',
  seat: 'acme',
  group: 'house',
  bidId: OFFER.id,
  cid: OFFER.cid,
  crid: OFFER.crid,
  priceMicros: OFFER.priceMicros,
  status: 'won',
  loss: 0,
  rule: 'The only bid: it pays the floor',
  mtype: OFFER.mtype,
  adomain: OFFER.adomain,
  cat: OFFER.cat,
  attr: OFFER.attr,
  w: OFFER.w,
  h: OFFER.h,
  dur: OFFER.dur,
  adm: OFFER.adm,
};

/** What explains the auction `outcome(n)`: one seat bid and won imp 1. */
export function explanation(n: number): Explanation {
  return {
    request: { id: `req-${n}`, imp: [{ id: '1', banner: { w: 300, h: 250 } }] },
    groups: [{
      group: 'house',
      enriched: true,
      tookMs: 2,
      seats: [{ seat: 'acme', bids: [OFFER], noBids: [] }],
    }],
    missing: ['partners'],
    profile: {
      userId: outcome(n).userId,
      locale: 'de-DE',
      interests: [{ category: 'sports', score: 0.9 }],
      demographics: undefined,
      segments: [],
      history: [],
      consent: undefined,
      updatedAtMs: TIME_MS,
    },
    fates: [FATE],
    rules: { incrementMicros: 10_000, defaultFloorMicros: 0 },
    salt: { day: '2025-12-17', commitment: 'ab'.repeat(32) },
  };
}

/** Its details, as the auction stage writes them. */
export function details(
  n: number,
  { auctionId = outcome(n).auctionId, ...changes }: Partial<Explanation & DetailsOf> = {},
): AuctionDetails {
  const { v, traceparent, issuedAt, deadline, publisherId, userId } = outcome(n);
  const of = { auctionId, traceparent, publisherId, userId, ...changes };
  const explained = { ...explanation(n), ...changes };
  const row = detailRow(of, explained);
  const offers = explained.fates.map(({ impid, seat, priceMicros, status }) => ({
    impid,
    seat,
    priceMicros,
    status,
  }));
  return { v, auctionId, traceparent, issuedAt, deadline, offers, row };
}

export function undelivered(n: number): AdEvent {
  const { v, auctionId, traceparent, issuedAt, deadline, publisherId } = outcome(n);
  return {
    v,
    auctionId,
    traceparent,
    issuedAt,
    deadline,
    publisherId,
    kind: 'undelivered',
    at: deadline + 1,
  };
}

/** Half of a surrogate pair, which JSON can carry and UTF-8 cannot. */
export const HALF_PAIR = Buffer.from([0x3d, 0xd8]).toString('utf16le');
