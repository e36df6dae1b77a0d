/**
 * Bids as details are stored. The fate of a bid that could have won names its price, campaign and
 * creative already, and of the markup only the winner's is ever needed again: without the
 * repetitions a row is a third shorter. Invalid bids are stored whole, whatever is in them.
 */
import type { AuctionDetails, BidFate, BidOffer, SeatAnswer } from '#shared/model/events.ts';
import { CURRENCY } from '#shared/model/money.ts';

type Groups = AuctionDetails['groups'];
/** A bid as it was, but that the markup of one that lost is not kept. */
export type KnownBid = Omit<BidOffer, 'adm'> & { adm?: string | undefined };
export type KnownGroup = Omit<Groups[number], 'seats'> & {
  seats: (Omit<SeatAnswer, 'bids'> & { bids: KnownBid[] })[];
};
/** What its fate does not say of a bid. */
type KeptBid = Omit<KnownBid, 'priceMicros' | 'currency' | 'crid' | 'cid'>;
export type KeptGroup = Omit<Groups[number], 'seats'> & {
  seats: (Omit<SeatAnswer, 'bids'> & { bids: (KeptBid | BidOffer)[] })[];
};

type FindFate = (group: string, seat: string, bid: { id: string; impid: string }) =>
  | BidFate
  | undefined;

export function keptGroups({ groups, fates }: Pick<AuctionDetails, 'groups' | 'fates'>) {
  const fateOf = fateFinder(fates);
  return groups.map((group): KeptGroup => ({
    ...group,
    seats: group.seats.map((seat) =>
      seat.bids.length === 0 ? seat : {
        ...seat,
        bids: seat.bids.map((bid) => keptBid(bid, () => fateOf(group.group, seat.seat, bid))),
      }
    ),
  }));
}

/** The bids of {@link keptGroups} with everything but the markup of those that lost. */
export function knownGroups(groups: readonly KeptGroup[], fates: readonly BidFate[]) {
  const fateOf = fateFinder(fates);
  return groups.map((group): KnownGroup => ({
    ...group,
    seats: group.seats.map((seat) => ({
      ...seat,
      bids: seat.bids.map((bid) => knownBid(bid, () => fateOf(group.group, seat.seat, bid))),
    })),
  }));
}

/** A literal: one shape for all bids, with fields JSON leaves out where they are undefined. */
function keptBid(bid: BidOffer, fate: () => BidFate | undefined): KeptBid | BidOffer {
  const status = isObject(bid) ? fate()?.status : undefined;
  if (status !== 'won' && status !== 'lost') return bid;
  return {
    id: bid.id,
    impid: bid.impid,
    mtype: bid.mtype,
    adomain: bid.adomain,
    cat: bid.cat,
    attr: bid.attr,
    w: bid.w,
    h: bid.h,
    dur: bid.dur,
    dealid: bid.dealid,
    adm: status === 'won' ? bid.adm : undefined,
  } as KeptBid;
}

function knownBid(bid: KeptBid | BidOffer, fate: () => BidFate | undefined): KnownBid {
  // Rows of earlier versions, and invalid bids, are whole.
  const found = !isObject(bid) || 'priceMicros' in bid ? undefined : fate();
  if (!found || found.status === 'invalid') return bid as BidOffer;
  const { id, impid, mtype, ...rest } = bid;
  const { priceMicros, crid, cid } = found;
  return { id, impid, priceMicros, currency: CURRENCY, mtype, crid, cid, ...rest };
}

/** With more bids than this a map finds a fate faster than a look at each. */
const SCANNED_FATES_MAX = 16;

/** Bids of a seat that share an id on an imp are invalid, all of them: any of their fates will do. */
function fateFinder(fates: readonly BidFate[]): FindFate {
  if (fates.length <= SCANNED_FATES_MAX) {
    return (group, seat, { id, impid }) =>
      fates.find((fate) =>
        fate.bidId === id && fate.seat === seat && fate.impid === impid && fate.group === group
      );
  }
  const key = (...parts: string[]): string => JSON.stringify(parts);
  const byKey = new Map(
    fates.map((fate) => [key(fate.group, fate.seat, fate.impid, fate.bidId), fate]),
  );
  return (group, seat, { id, impid }) => byKey.get(key(group, seat, impid, id));
}

/** Bids come from other companies' programs: an invalid one may be anything JSON has. */
function isObject(bid: unknown): boolean {
  return typeof bid === 'object' && bid !== null;
}
