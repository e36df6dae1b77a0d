/**
 * Which bids take part in an auction. Everything is checked before bids are ranked, so that a bid
 * that may not win never sets a price and never keeps the next one from winning.
 *
 * The order is from the bid itself over seat, deal and creative to the floor; the first rule that
 * fails is the one reported. A bid that fails by its price alone has therefore nothing else wrong.
 */
import type { BidOffer } from '#shared/model/events.ts';
import { CURRENCY, PRICE_MICROS_MAX } from '#shared/model/money.ts';
import type { BidRequest, Imp } from '#shared/model/openrtb.ts';
import { creativeRefusal } from './creative.ts';
import { LOSS, type Refusal, refuse } from './loss-reasons.ts';
import { namesDeal, type Terms } from './terms.ts';
import { cpm, quoted } from './wording.ts';

/** Why this bid of `seat` on `imp` may not take part, or undefined when it may. */
export function refusalOf(
  bid: BidOffer,
  seat: string,
  terms: Terms,
  imp: Imp,
  request: BidRequest,
): Refusal | undefined {
  return malformation(bid) ??
    priceRefusal(bid) ??
    currencyRefusal(bid) ??
    seatRefusal(seat, request) ??
    dealRefusal(bid, seat, terms, imp) ??
    creativeRefusal(bid, imp, request, terms) ??
    floorRefusal(bid, terms);
}

/**
 * Bids come from other companies' programs: one that lacks what its type promises costs itself its
 * chance, not everybody the auction. Price, currency, markup and creative id have codes of their
 * own and are looked at further on.
 */
export function malformation(bid: BidOffer): Refusal | undefined {
  if (typeof bid.id !== 'string' || bid.id === '') return malformed('id');
  if (typeof bid.impid !== 'string' || bid.impid === '') return malformed('impid');
  if (typeof bid.cid !== 'string') return malformed('cid');
  if (!isListOf(bid.adomain, isText)) return malformed('adomain');
  if (!isListOf(bid.cat, isText)) return malformed('cat');
  if (!isListOf(bid.attr, isNumber)) return malformed('attr');
  if (!isCount(bid.w)) return malformed('w');
  if (!isCount(bid.h)) return malformed('h');
  if (bid.dur !== undefined && !isCount(bid.dur)) return malformed('dur');
  if (bid.dealid !== undefined && typeof bid.dealid !== 'string') return malformed('dealid');
  return undefined;
}

/** For a bid on an imp the request does not have. */
export function unknownImp(bid: BidOffer): Refusal {
  return refuse(LOSS.invalidBidResponse, `The request has no imp ${quoted(bid.impid)}`);
}

/** For bids of one seat on one imp that share an id: nobody could say which of them is meant later. */
export function repeatedId(bid: BidOffer): Refusal {
  const rule = `The seat has more than one bid with the id ${quoted(bid.id)} on this imp`;
  return refuse(LOSS.invalidBidResponse, rule);
}

function malformed(field: string): Refusal {
  return refuse(LOSS.invalidBidResponse, `Bid has no valid ${field}`);
}

function isListOf(value: unknown, isItem: (item: unknown) => boolean): boolean {
  if (!Array.isArray(value)) return false;
  for (const item of value) if (!isItem(item)) return false;
  return true;
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number';
}

function isCount(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0;
}

function priceRefusal(bid: BidOffer): Refusal | undefined {
  const { priceMicros } = bid;
  if (typeof priceMicros !== 'number' || Number.isNaN(priceMicros)) {
    return refuse(LOSS.missingBidPrice, 'Bid has no price');
  }
  if (priceMicros === 0 && !namesDeal(bid)) {
    return refuse(
      LOSS.missingBidPrice,
      'Bid of 0.00 CPM is for no deal, and only a deal may be free',
    );
  }
  const limit = priceMicros < 0
    ? 'is below zero'
    : priceMicros > PRICE_MICROS_MAX
    ? `is above the limit of ${cpm(PRICE_MICROS_MAX)}`
    : Number.isInteger(priceMicros)
    ? undefined
    : 'is not a whole number';
  if (limit === undefined) return undefined;
  return refuse(LOSS.invalidBidResponse, `Price of ${priceMicros} micros ${limit}`);
}

function currencyRefusal({ currency }: BidOffer): Refusal | undefined {
  if (currency === CURRENCY) return undefined;
  const named = typeof currency === 'string' ? quoted(currency) : 'no currency';
  return refuse(LOSS.invalidBidResponse, `Bid is in ${named}, but the auction is in ${CURRENCY}`);
}

/** An empty list restricts nothing, as if it were left out. */
function seatRefusal(seat: string, { wseat, bseat }: BidRequest): Refusal | undefined {
  if (bseat?.includes(seat)) {
    return refuse(LOSS.buyerSeatBlocked, `Seat ${quoted(seat)} is blocked by bseat`);
  }
  if (wseat !== undefined && wseat.length > 0 && !wseat.includes(seat)) {
    return refuse(LOSS.buyerSeatBlocked, `Seat ${quoted(seat)} is not among those of wseat`);
  }
  return undefined;
}

function dealRefusal(
  bid: BidOffer,
  seat: string,
  { deal }: Terms,
  imp: Imp,
): Refusal | undefined {
  if (deal === undefined) {
    if (namesDeal(bid)) {
      return refuse(LOSS.invalidDealId, `The imp has no deal ${quoted(bid.dealid!)}`);
    }
    if (imp.pmp?.private_auction !== 1) return undefined;
    return refuse(LOSS.invalidDealId, 'The auction is private, and the bid names no deal');
  }
  if (deal.wseat === undefined || deal.wseat.length === 0 || deal.wseat.includes(seat)) {
    return undefined;
  }
  const rule = `Seat ${quoted(seat)} is not among those of deal ${quoted(deal.id)}`;
  return refuse(LOSS.buyerSeatBlocked, rule);
}

function floorRefusal(
  { priceMicros }: BidOffer,
  { deal, floorMicros, lengthMissing }: Terms,
): Refusal | undefined {
  if (lengthMissing) {
    const rule = 'Bid does not say how long it is (dur), and the floor goes by that';
    return refuse(LOSS.missingApprovalData, rule);
  }
  if (priceMicros >= floorMicros) return undefined;
  const rule = `Bid ${cpm(priceMicros)} is below the floor of ${cpm(floorMicros)}`;
  return deal === undefined
    ? refuse(LOSS.belowAuctionFloor, rule)
    : refuse(LOSS.belowDealFloor, `${rule} of deal ${quoted(deal.id)}`);
}
