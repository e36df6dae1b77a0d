/** What became of each bid, in words. */
import type { BidFate, BidOffer } from '#shared/model/events.ts';
import { joined } from '#shared/model/flat-text.ts';
import { PRICE_MICROS_MAX } from '#shared/model/money.ts';
import type { Decision, Entry } from './contest.ts';
import { LOSS, type Refusal, refuse, statusOf } from './loss-reasons.ts';
import { cpm, quoted } from './wording.ts';

/** One fate per entry, sorted: the winner, then by price those who lost by it, then the invalid. */
export function fatesOf(entries: readonly Entry[], decision: Decision): BidFate[] {
  const { winner } = decision;
  const best = winner === undefined ? '' : cpm(winner.bid.priceMicros);
  const fates = entries.map((entry) => fateOf(entry, decision, best));
  return fates.length > 1 ? fates.sort(compareFates) : fates;
}

/** @param best the winner's offer in words */
function fateOf(entry: Entry, decision: Decision, best: string): BidFate {
  const { bid, seat, group, draw } = entry;
  const { loss, rule } = entry.refusal ?? verdictOf(entry, decision, best);
  const status = statusOf(loss);
  const shown = status === 'invalid' ? NOTHING : bid;
  return {
    impid: text(bid.impid),
    seat,
    group,
    bidId: text(bid.id),
    cid: text(bid.cid),
    crid: text(bid.crid),
    priceMicros: isAmount(bid.priceMicros) ? bid.priceMicros : 0,
    status,
    loss,
    rule,
    draw,
    mtype: shown.mtype,
    adomain: shown.adomain,
    cat: shown.cat,
    attr: shown.attr,
    w: shown.w,
    h: shown.h,
    dur: shown.dur,
    dealid: shown.dealid,
    adm: status === 'won' ? bid.adm : undefined,
  };
}

const NOTHING: Partial<BidOffer> = {};

/** Why an eligible bid won or lost. */
function verdictOf(
  entry: Entry,
  { winner, clearing, drawn }: Decision,
  best: string,
): Refusal {
  const { priceMicros } = entry.bid;
  if (entry === winner) {
    const won = drawn > 0 ? `Won the draw of ${drawn} equal bids at ` : 'Won with ';
    const { priceMicros: pays, basis } = clearing!;
    return refuse(LOSS.won, joined(won, best, ' and pays ', cpm(pays), ', ', basis));
  }
  const price = cpm(priceMicros);
  if (entry.draw !== undefined) {
    const rule = `Bid ${price} lost the draw of ${drawn} equal bids, as its hash is not the lowest`;
    return refuse(LOSS.lostToHigherBid, rule);
  }
  if (priceMicros === winner!.bid.priceMicros) {
    const rule = `Bid ${price} had no part in the draw, as its seat has another equal bid`;
    return refuse(LOSS.lostToHigherBid, rule);
  }
  const deal = winner!.terms.deal;
  if (deal !== undefined && entry.terms.deal === undefined) {
    const rule = `Bid ${price} for no deal lost to ${best} for deal ${quoted(deal.id)}`;
    return refuse(LOSS.lostToDealBid, rule);
  }
  return refuse(
    LOSS.lostToHigherBid,
    joined('Bid ', price, ' lost to a higher bid of ', best),
  );
}

const STATUS_ORDER = { won: 0, lost: 1, invalid: 2 } as const;

/** Down to fields that tell repeated bids apart: any two fates it calls equal are the same. */
function compareFates(a: BidFate, b: BidFate): number {
  return compareTexts(a.impid, b.impid) || STATUS_ORDER[a.status] - STATUS_ORDER[b.status] ||
    b.priceMicros - a.priceMicros || compareTexts(a.seat, b.seat) ||
    compareTexts(a.group, b.group) || compareTexts(a.bidId, b.bidId) ||
    compareTexts(a.cid, b.cid) || compareTexts(a.crid, b.crid) ||
    compareTexts(a.rule, b.rule);
}

/** By code units, the same on every machine, unlike `localeCompare`. */
function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** What is no text or amount is left out of the record; the rule says what was wrong with it. */
function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function isAmount(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= PRICE_MICROS_MAX;
}
