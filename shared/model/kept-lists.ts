/**
 * Fates and groups as lists of values instead of objects: the names of their fields would be two fifths
 * of a row, and as much of the work of writing it. ClickHouse reads both forms into named tuples, see the
 * view `bids`; rows of earlier versions have objects.
 */
import type { AuctionTimes } from './auction-times.ts';
import type { BidFate } from './events.ts';
import type { KeptGroup } from './kept-bids.ts';

/** In the order of their values, which never changes: new fields go to the end. */
const FATE_FIELDS = [
  'impid',
  'seat',
  'group',
  'bidId',
  'cid',
  'crid',
  'priceMicros',
  'status',
  'loss',
  'rule',
  'draw',
  'mtype',
  'adomain',
  'cat',
  'attr',
  'w',
  'h',
  'dur',
  'dealid',
  'adm',
] as const satisfies readonly (keyof BidFate)[];

const GROUP_FIELDS = [
  'group',
  'enriched',
  'startMs',
  'tookMs',
  'lookupMs',
  'unenrichedReason',
  'seats',
] as const satisfies readonly (keyof KeptGroup)[];

type KeptSeat = KeptGroup['seats'][number];

const SEAT_FIELDS = [
  'seat',
  'noBids',
  'bids',
] as const satisfies readonly (keyof KeptSeat)[];

const TIME_FIELDS = [
  'published',
  'opened',
  'closed',
  'deadline',
  'stored',
] as const satisfies readonly (keyof AuctionTimes)[];

/** Values of one object; what a list ends before is undefined. */
type List = readonly unknown[];

export function fateLists(fates: readonly BidFate[]): List[] {
  return fates.map(fateList);
}

/** Written out, as it is done for every bid: most have nothing of what comes last. */
function fateList(fate: BidFate): List {
  const { impid, seat, group, bidId, cid, crid, priceMicros, status, loss, rule, draw } = fate;
  const { mtype, adomain, cat, attr, w, h, dur, dealid, adm } = fate;
  if (status === 'invalid') {
    return [impid, seat, group, bidId, cid, crid, priceMicros, status, loss, rule, draw];
  }
  if (dur === undefined && dealid === undefined && adm === undefined) {
    // deno-fmt-ignore
    return [
      impid, seat, group, bidId, cid, crid, priceMicros, status, loss, rule, draw,
      mtype, adomain, cat, attr, w, h,
    ];
  }
  // deno-fmt-ignore
  return [
    impid, seat, group, bidId, cid, crid, priceMicros, status, loss, rule, draw,
    mtype, adomain, cat, attr, w, h, dur, dealid, adm,
  ];
}

export function groupLists(groups: readonly KeptGroup[]): List[] {
  return groups.map(({ group, enriched, startMs, tookMs, lookupMs, unenrichedReason, seats }) => [
    group,
    enriched,
    startMs,
    tookMs,
    lookupMs,
    unenrichedReason,
    seats.map(seatList),
  ]);
}

function seatList({ seat, noBids, bids }: KeptSeat): List {
  if (bids !== undefined && bids.length > 0) return [seat, noBids, bids];
  return noBids.length > 0 ? [seat, noBids] : [seat];
}

export function timesList({ published, opened, closed, deadline, stored }: AuctionTimes): List {
  return [published, opened, closed, deadline, stored];
}

/** The fates of {@link fateLists}, or of an earlier version, once more. */
export function readFates(lists: readonly unknown[]): BidFate[] {
  return lists.map((list) => named<BidFate>(FATE_FIELDS, list));
}

export function readGroups(lists: readonly unknown[]): KeptGroup[] {
  return lists.map((list) => {
    const group = named<KeptGroup>(GROUP_FIELDS, list);
    return { ...group, seats: group.seats.map(readSeat) };
  });
}

function readSeat(list: unknown): KeptSeat {
  const { seat, noBids = [], bids } = named<Partial<KeptSeat> & Pick<KeptSeat, 'seat'>>(
    SEAT_FIELDS,
    list,
  );
  return { seat, noBids, bids };
}

export function readTimes(list: unknown): AuctionTimes {
  return named<AuctionTimes>(TIME_FIELDS, list);
}

function named<T>(fields: readonly string[], value: unknown): T {
  if (!Array.isArray(value)) return value as T;
  const entries = fields.map((field, i) => [field, (value as List)[i]] as const);
  // JSON has null for what is undefined in a list.
  return Object.fromEntries(entries.filter(([, of]) => of !== null && of !== undefined)) as T;
}
