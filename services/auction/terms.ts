/** What a bid has to meet and how it would pay: those of the imp, or those of the deal it names. */
import type { AuctionRules, BidOffer } from '#shared/model/events.ts';
import {
  floorToMicros,
  goesByLength,
  lengthFloorMicros,
  type LengthFloors,
} from '#shared/model/floor.ts';
import { type BidRequest, type Deal, type Imp, MTYPE } from '#shared/model/openrtb.ts';

/** 1 = first price, 2 = second price plus, 3 = the deal's floor is the agreed price (deals only). */
export type AuctionType = 1 | 2 | 3;

export interface Terms {
  /** The deal the bid names; undefined for an open bid and for a deal the imp does not have. */
  deal: Deal | undefined;
  floorMicros: number;
  /** The floor goes by the length of the ad, and the bid does not say it. */
  lengthMissing: boolean;
  at: AuctionType;
}

/** The terms of bids without a deal; all of an imp share the one object. */
export function openTerms(imp: Imp, request: BidRequest, rules: AuctionRules): Terms {
  const floorMicros = imp.bidfloor === undefined
    ? rules.defaultFloorMicros
    : floorToMicros(imp.bidfloor);
  const at = request.at === 1 ? 1 : 2;
  return { deal: undefined, floorMicros, lengthMissing: false, at };
}

/**
 * The floor is that of the first that has one: the deal, the video or audio by the length of the
 * ad, the imp (implementation guide 7.11). A deal that names no auction type has the request's.
 */
export function termsOf(bid: BidOffer, imp: Imp, open: Terms): Terms {
  const deal = namesDeal(bid)
    ? imp.pmp?.deals?.find((candidate) => candidate.id === bid.dealid)
    : undefined;
  const floors = floorsByLength(bid, imp, deal);
  if (deal === undefined && floors.length === 0) return open;
  const at = deal?.at === 1 || deal?.at === 2 || deal?.at === 3 ? deal.at : open.at;
  const named = deal?.bidfloor === undefined ? undefined : floorToMicros(deal.bidfloor);
  // Of no seconds the floor would be nothing.
  const lengthMissing = floors.length > 0 && !(typeof bid.dur === 'number' && bid.dur > 0);
  let ofLength: number | undefined;
  if (!lengthMissing) { for (const by of floors) ofLength ??= lengthFloorMicros(by, bid.dur!); }
  // A deal should name one floor only (7.11.2); of two both are asked for.
  const floorMicros = named === undefined ? ofLength : Math.max(named, ofLength ?? 0);
  return { deal, floorMicros: floorMicros ?? open.floorMicros, lengthMissing, at };
}

/** Those in force for a bid, in their order; none where its floor does not go by the length of the ad. */
function floorsByLength(
  { mtype }: BidOffer,
  { video, audio }: Imp,
  deal: Deal | undefined,
): readonly LengthFloors[] {
  const player = mtype === MTYPE.video ? video : mtype === MTYPE.audio ? audio : undefined;
  if (player === undefined) return NONE;
  const isNamed = deal?.bidfloor !== undefined;
  // An agreed price is not changed by any other.
  const isAgreed = deal?.at === 3 && isNamed;
  const floors: LengthFloors[] = [];
  if (deal !== undefined && !isAgreed && goesByLength(deal)) floors.push(deal);
  if (!isNamed && goesByLength(player)) floors.push(player);
  return floors;
}
const NONE: readonly LengthFloors[] = [];

/** Whether the bid means a deal, be it one of the imp's or not. */
export function namesDeal(bid: BidOffer): boolean {
  return typeof bid.dealid === 'string' && bid.dealid !== '';
}
