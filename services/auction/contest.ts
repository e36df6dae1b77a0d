/** The bids of an auction, sorted out by the imp they are for. */
import type { AuctionRules, BidOffer, BidResponseMessage } from '#shared/model/events.ts';
import type { BidRequest, Imp } from '#shared/model/openrtb.ts';
import type { Clearing } from './clearing.ts';
import { malformation, repeatedId, unknownImp } from './eligibility.ts';
import type { Refusal } from './loss-reasons.ts';
import { openTerms, type Terms, termsOf } from './terms.ts';

/** One bid in the auction. */
export interface Entry {
  readonly seat: string;
  readonly group: string;
  readonly bid: BidOffer;
  readonly terms: Terms;
  /** Set where the bid may not take part. */
  refusal: Refusal | undefined;
  /** Set where the bid took part in a draw. */
  draw: string | undefined;
}

/** One imp and all bids on it. */
export interface Contest {
  readonly imp: Imp;
  /** The terms of bids without a deal. */
  readonly open: Terms;
  readonly entries: Entry[];
}

/** What was decided on one imp. */
export interface Decision {
  eligible: number;
  /** Bids that took part in a draw; 0 where there was none. */
  drawn: number;
  winner: Entry | undefined;
  /** The winner's price; present with a winner. */
  clearing: Clearing | undefined;
}

export interface Contests {
  /** One per imp, in the order of the request. */
  contests: Contest[];
  /** Bids on imps the request does not have, refused already. */
  strays: Entry[];
}

/** With more imps than this a map finds an imp faster than a look at each. */
const SCANNED_IMPS_MAX = 8;
/** With more bids on an imp than this a map finds a repeated id faster than comparing all pairs. */
const PAIRED_BIDS_MAX = 12;

export function gatherContests(
  request: BidRequest,
  answers: readonly BidResponseMessage[],
  rules: AuctionRules,
): Contests {
  const contests = request.imp.map((imp): Contest => ({
    imp,
    open: openTerms(imp, request, rules),
    entries: [],
  }));
  const strays: Entry[] = [];
  const find = contestFinder(contests);
  for (const { group, seats } of answers) {
    for (const { seat, bids } of seats) {
      for (const offered of bids) {
        const bid = isObject(offered) ? offered : NOT_A_BID;
        const contest = find(bid.impid);
        if (contest === undefined) {
          const refusal = malformation(bid) ?? unknownImp(bid);
          strays.push({ seat, group, bid, terms: NO_TERMS, refusal, draw: undefined });
        } else {
          const terms = termsOf(bid, contest.imp, contest.open);
          contest.entries.push({ seat, group, bid, terms, refusal: undefined, draw: undefined });
        }
      }
    }
  }
  for (const contest of contests) refuseRepeatedIds(contest.entries);
  return { contests, strays };
}

const NO_TERMS: Terms = { deal: undefined, floorMicros: 0, lengthMissing: false, at: 2 };
/** Stands for what is no object at all, such as a `null` in the list; it is refused for its missing id. */
const NOT_A_BID = {} as BidOffer;

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

/** Ids are only ever compared or used as keys of a map, so that `__proto__` is an id like any other. */
function contestFinder(contests: readonly Contest[]): (impid: string) => Contest | undefined {
  if (contests.length <= SCANNED_IMPS_MAX) {
    return (impid) => {
      for (const contest of contests) if (contest.imp.id === impid) return contest;
      return undefined;
    };
  }
  const byId = new Map(contests.map((contest) => [contest.imp.id, contest]));
  return (impid) => byId.get(impid);
}

/**
 * Refuses every bid that shares its id with another of the same seat on the imp: which of them came
 * first depends on the network, so none may be preferred.
 */
function refuseRepeatedIds(entries: readonly Entry[]): void {
  if (entries.length > PAIRED_BIDS_MAX) return refuseRepeatedIdsOfMany(entries);
  for (let i = 1; i < entries.length; i++) {
    for (let k = 0; k < i; k++) {
      const one = entries[i]!;
      const other = entries[k]!;
      if (one.bid.id !== other.bid.id || one.seat !== other.seat || !hasId(one)) continue;
      one.refusal ??= repeatedId(one.bid);
      other.refusal ??= one.refusal;
    }
  }
}

function refuseRepeatedIdsOfMany(entries: readonly Entry[]): void {
  const firsts = new Map<string, Map<string, Entry>>();
  for (const entry of entries) {
    if (!hasId(entry)) continue;
    let ofSeat = firsts.get(entry.seat);
    if (ofSeat === undefined) firsts.set(entry.seat, ofSeat = new Map());
    const first = ofSeat.get(entry.bid.id);
    if (first === undefined) {
      ofSeat.set(entry.bid.id, entry);
    } else {
      entry.refusal = repeatedId(entry.bid);
      first.refusal ??= entry.refusal;
    }
  }
}

/** What has no id at all is refused for that. */
function hasId({ bid }: Entry): boolean {
  return typeof bid.id === 'string';
}
