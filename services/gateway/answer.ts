/** What the publisher gets of an outcome, in both public forms. */
import type { AuctionOutcome, ImpOutcome, Winner } from '#shared/model/events.ts';
import { microsToCpm } from '#shared/model/money.ts';
import type { Bid, BidResponse, SeatBid } from '#shared/model/openrtb.ts';
import { substituteMacros } from './macros.ts';

/** The answer to the simple form. Prices are decimal CPM. */
export interface SimpleAnswer {
  request_id: string;
  auction_id: string;
  ads: SimpleAd[];
}

export interface SimpleAd {
  slot_id: string;
  seat: string;
  /** The campaign's id. */
  campaign: string;
  price: number;
  currency: string;
  adm: string;
  w: number;
  h: number;
}

/** The OpenRTB answer, or undefined when nobody won. Bids come by seat, in the order of the imps. */
export function toBidResponse(outcome: AuctionOutcome): BidResponse | undefined {
  const seats = new Map<string, SeatBid>();
  for (const { impid, winner } of outcome.imps) {
    if (!winner) continue;
    let seat = seats.get(winner.seat);
    if (!seat) seats.set(winner.seat, seat = { seat: winner.seat, bid: [] });
    seat.bid.push(toBid(outcome, impid, winner));
  }
  if (seats.size === 0) return undefined;
  return {
    id: outcome.requestId,
    seatbid: [...seats.values()],
    bidid: outcome.auctionId,
    cur: outcome.currency,
  };
}

/** The answer to the simple form, or undefined when nobody won. */
export function toSimpleAnswer(outcome: AuctionOutcome): SimpleAnswer | undefined {
  const ads = outcome.imps.filter(isWon).map(({ impid, winner }) => ({
    slot_id: impid,
    seat: winner.seat,
    campaign: winner.cid,
    price: microsToCpm(winner.priceMicros),
    currency: outcome.currency,
    adm: markup(outcome, impid, winner),
    w: winner.w,
    h: winner.h,
  }));
  if (ads.length === 0) return undefined;
  return { request_id: outcome.requestId, auction_id: outcome.auctionId, ads };
}

function isWon(imp: ImpOutcome): imp is ImpOutcome & { winner: Winner } {
  return imp.winner !== undefined;
}

function toBid(outcome: AuctionOutcome, impid: string, winner: Winner): Bid {
  const bid: Bid = {
    id: winner.bidId,
    impid,
    price: microsToCpm(winner.priceMicros),
    adm: markup(outcome, impid, winner),
    adomain: winner.adomain,
    cid: winner.cid,
    crid: winner.crid,
    mtype: winner.mtype,
  };
  if (winner.dealid !== undefined) bid.dealid = winner.dealid;
  if (winner.dur !== undefined) bid.dur = winner.dur;
  // Audio and native have no size.
  if (winner.w > 0) bid.w = winner.w;
  if (winner.h > 0) bid.h = winner.h;
  return bid;
}

/**
 * The markup with its macros. A winner carries no `adid` (an ad preloaded elsewhere); what it
 * serves is its creative.
 */
function markup(outcome: AuctionOutcome, impid: string, winner: Winner): string {
  return substituteMacros(winner.adm, {
    ID: outcome.requestId,
    BID_ID: winner.bidId,
    IMP_ID: impid,
    SEAT_ID: winner.seat,
    AD_ID: winner.crid,
    PRICE: microsToCpm(winner.priceMicros),
    CURRENCY: outcome.currency,
  });
}
