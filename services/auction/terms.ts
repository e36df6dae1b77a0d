/** What a bid has to meet and how it would pay: those of the imp, or those of the deal it names. */
import type { AuctionRules, BidOffer } from '#shared/model/events.ts';
import { cpmToMicros, PRICE_MICROS_MAX } from '#shared/model/money.ts';
import type { BidRequest, Deal, Imp } from '#shared/model/openrtb.ts';

/** 1 = first price, 2 = second price plus, 3 = the deal's floor is the agreed price (deals only). */
export type AuctionType = 1 | 2 | 3;

export interface Terms {
  /** The deal the bid names; undefined for an open bid and for a deal the imp does not have. */
  deal: Deal | undefined;
  floorMicros: number;
  at: AuctionType;
}

/** The terms of bids without a deal; all of an imp share the one object. */
export function openTerms(imp: Imp, request: BidRequest, rules: AuctionRules): Terms {
  const floorMicros = imp.bidfloor === undefined
    ? rules.defaultFloorMicros
    : floorToMicros(imp.bidfloor);
  return { deal: undefined, floorMicros, at: request.at === 1 ? 1 : 2 };
}

/** A deal that names no floor or no auction type has the imp's (implementation guide 7.11). */
export function termsOf(bid: BidOffer, imp: Imp, open: Terms): Terms {
  if (!namesDeal(bid)) return open;
  const deal = imp.pmp?.deals?.find((candidate) => candidate.id === bid.dealid);
  if (deal === undefined) return open;
  return {
    deal,
    floorMicros: deal.bidfloor === undefined ? open.floorMicros : floorToMicros(deal.bidfloor),
    at: deal.at === 1 || deal.at === 2 || deal.at === 3 ? deal.at : open.at,
  };
}

/** Whether the bid means a deal, be it one of the imp's or not. */
export function namesDeal(bid: BidOffer): boolean {
  return typeof bid.dealid === 'string' && bid.dealid !== '';
}

/** Kept between zero and the highest price, so that no floor gives a price that is no amount. */
function floorToMicros(bidfloor: number): number {
  return bidfloor > 0 ? Math.min(cpmToMicros(bidfloor), PRICE_MICROS_MAX) : 0;
}
