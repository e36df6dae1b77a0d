/** The auction itself: a pure function, so that explaining, replaying and what-if are exact. */
import type {
  AuctionRules,
  BidFate,
  BidResponseMessage,
  ImpOutcome,
  Winner,
} from '#shared/model/events.ts';
import { type BidRequest, mediaTypesOf } from '#shared/model/openrtb.ts';
import { clear } from './clearing.ts';
import { type Contest, type Decision, type Entry, gatherContests } from './contest.ts';
import { mediaTypeOf } from './creative.ts';
import { refusalOf } from './eligibility.ts';
import { fatesOf } from './fates.ts';
import { breakTie } from './tie-break.ts';

export interface AuctionResult {
  /** One per imp, in the order of the request. */
  imps: ImpOutcome[];
  /** One per bid: by imp, the winner first, then those who lost by price, then invalid bids. */
  fates: BidFate[];
}

/**
 * Decides an auction: at most one winner per imp, and the fate of every bid. The result does not
 * depend on the order of answers, seats or bids. The rules are told in docs/auction.md.
 *
 * Whatever is in a bid gives it a fate and never throws. The request, the messages around the bids
 * and the names of seats and groups are the exchange's own and are taken as valid.
 *
 * @param salt the day's secret for draws, see {@link breakTie}.
 */
export function runAuction(
  auction: { auctionId: string; request: BidRequest },
  answers: readonly BidResponseMessage[],
  rules: AuctionRules,
  salt: string,
): AuctionResult {
  const { contests, strays } = gatherContests(auction.request, answers, rules);
  const imps: ImpOutcome[] = [];
  const fates: BidFate[] = [];
  for (const contest of contests) {
    const decision = decide(contest, auction, rules, salt);
    imps.push(outcomeOf(contest, decision));
    for (const fate of fatesOf(contest.entries, decision)) fates.push(fate);
  }
  if (strays.length > 0) {
    const undecided = { eligible: 0, drawn: 0, winner: undefined, clearing: undefined };
    for (const fate of fatesOf(strays, undecided)) fates.push(fate);
  }
  return { imps, fates };
}

/** One pass finds the highest and the second price; only equal highest bids need a second look. */
function decide(
  { imp, entries }: Contest,
  { auctionId, request }: { auctionId: string; request: BidRequest },
  rules: AuctionRules,
  salt: string,
): Decision {
  let winner: Entry | undefined;
  let secondMicros: number | undefined;
  let eligible = 0;
  let highest = 0;
  for (const entry of entries) {
    entry.refusal ??= refusalOf(entry.bid, entry.seat, entry.terms, imp, request);
    if (entry.refusal !== undefined) continue;
    eligible++;
    const { priceMicros } = entry.bid;
    if (winner === undefined || priceMicros > winner.bid.priceMicros) {
      secondMicros = winner?.bid.priceMicros;
      winner = entry;
      highest = 1;
    } else {
      if (priceMicros === winner.bid.priceMicros) highest++;
      if (secondMicros === undefined || priceMicros > secondMicros) secondMicros = priceMicros;
    }
  }
  if (winner === undefined) return { eligible, drawn: 0, winner, clearing: undefined };
  let drawn = 0;
  if (highest > 1) {
    const { priceMicros } = winner.bid;
    const tied = entries.filter((entry) =>
      entry.refusal === undefined && entry.bid.priceMicros === priceMicros
    );
    winner = breakTie(tied, auctionId, imp.id, salt);
    for (const entry of tied) if (entry.draw !== undefined) drawn++;
  }
  const clearing = clear(winner.bid.priceMicros, winner.terms, secondMicros, rules);
  return { eligible, drawn, winner, clearing };
}

/** `floorMicros` is the floor that was in force: the winner's, so its deal's where it has one. */
function outcomeOf({ imp, open, entries }: Contest, decision: Decision): ImpOutcome {
  const { eligible, winner, clearing } = decision;
  const type = winner === undefined ? mediaTypesOf(imp)[0] : mediaTypeOf(winner.bid.mtype);
  const outcome: ImpOutcome = {
    impid: imp.id,
    mediaType: type ?? '',
    tagid: imp.tagid ?? '',
    floorMicros: winner?.terms.floorMicros ?? open.floorMicros,
    bids: entries.length,
    eligible,
  };
  if (winner !== undefined) outcome.winner = winnerOf(winner, clearing!.priceMicros);
  return outcome;
}

function winnerOf({ bid, seat, group, terms }: Entry, priceMicros: number): Winner {
  const winner: Winner = {
    seat,
    group,
    bidId: bid.id,
    cid: bid.cid,
    crid: bid.crid,
    adomain: bid.adomain,
    mtype: bid.mtype,
    bidMicros: bid.priceMicros,
    priceMicros,
    w: bid.w,
    h: bid.h,
    adm: bid.adm,
  };
  if (bid.dur !== undefined) winner.dur = bid.dur;
  if (terms.deal !== undefined) winner.dealid = terms.deal.id;
  return winner;
}
