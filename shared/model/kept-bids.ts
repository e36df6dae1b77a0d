/**
 * Bids as details are stored. The fate of a bid that could have won has all of it but the markup,
 * which is only ever needed again of the winner; the groups have the invalid ones, whole, whatever
 * is in them. Without the repetitions a row is a third shorter.
 */
import type { BidFate, BidOffer, SeatAnswer } from './events.ts';
import type { Explanation, GroupAnswer } from './explanation.ts';
import { CURRENCY } from './money.ts';

/** A bid as it was, but that the markup of one that lost is not kept. */
export type KnownBid = Omit<BidOffer, 'adm'> & { adm?: string | undefined };
export type KnownGroup = With<{ bids: KnownBid[] }>;
/** `bids`: the invalid ones, where there are any; in rows of earlier versions all. */
export type KeptGroup = With<{ bids?: readonly BidOffer[] | undefined }>;

type With<Bids> = Omit<GroupAnswer, 'seats'> & { seats: (Omit<SeatAnswer, 'bids'> & Bids)[] };

export function keptGroups({ groups, fates }: Pick<Explanation, 'groups' | 'fates'>): KeptGroup[] {
  const invalidOf = fates.some(isInvalid) ? invalidFinder(fates) : undefined;
  return groups.map((group) => ({
    group: group.group,
    enriched: group.enriched,
    unenrichedReason: group.unenrichedReason,
    startMs: group.startMs,
    tookMs: group.tookMs,
    lookupMs: group.lookupMs,
    seats: group.seats.map(({ seat, bids, noBids }) => ({
      seat,
      bids: invalidOf?.(group.group, seat, bids),
      noBids,
    })),
  }));
}

/** The groups of {@link keptGroups} with all bids again. */
export function knownGroups(
  groups: readonly KeptGroup[],
  fates: readonly BidFate[],
): KnownGroup[] {
  return groups.map((group) => ({
    ...group,
    seats: group.seats.map((seat) => {
      const own = fates.filter((fate) => fate.group === group.group && fate.seat === seat.seat);
      return { ...seat, bids: knownBids(seat.bids ?? [], own) };
    }),
  }));
}

/** A fate without what the bid showed. */
export function knownFate(fate: BidFate): BidFate {
  const { impid, seat, group, bidId, cid, crid, priceMicros, status, loss, rule, draw } = fate;
  return { impid, seat, group, bidId, cid, crid, priceMicros, status, loss, rule, draw };
}

/** @param fates of the same seat */
function knownBids(kept: readonly BidOffer[], fates: readonly BidFate[]): KnownBid[] {
  const valid = new Map(
    fates.filter((fate) => !isInvalid(fate)).map((fate) => [key(fate.impid, fate.bidId), fate]),
  );
  const bids = kept.map((bid): KnownBid => {
    const fate = isObject(bid) ? valid.get(key(bid.impid, bid.id)) : undefined;
    if (!fate) return bid;
    valid.delete(key(bid.impid, bid.id));
    // In rows of earlier versions it is here, but for what its fate said already.
    return { ...bidOf(fate), ...bid };
  });
  return [...bids, ...[...valid.values()].map(bidOf)];
}

function bidOf(fate: BidFate): KnownBid {
  const { bidId: id, impid, priceMicros, crid, cid } = fate;
  const { mtype, adomain, cat, attr, w, h, dur, dealid, adm } = fate;
  const bid = { id, impid, priceMicros, currency: CURRENCY, mtype, crid, cid };
  // Fields it did not have stay undefined, which is what JSON says of them.
  return { ...bid, adomain, cat, attr, w, h, dur, dealid, adm } as KnownBid;
}

type Bids = readonly BidOffer[];

/** Bids of a seat that share an id on an imp are invalid, all of them: whoever has a valid fate is one. */
function invalidFinder(fates: readonly BidFate[]): (group: string, seat: string, of: Bids) => Bids {
  const valid = new Set(
    fates.filter((fate) => !isInvalid(fate))
      .map((fate) => key(fate.group, fate.seat, fate.impid, fate.bidId)),
  );
  return (group, seat, bids) =>
    bids.filter((bid) => !isObject(bid) || !valid.has(key(group, seat, bid.impid, bid.id)));
}

function isInvalid({ status }: BidFate): boolean {
  return status === 'invalid';
}

function key(...parts: unknown[]): string {
  return JSON.stringify(parts);
}

/** Bids come from other companies' programs: an invalid one may be anything JSON has. */
function isObject(bid: unknown): boolean {
  return typeof bid === 'object' && bid !== null;
}
