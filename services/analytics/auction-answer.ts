/** Everything known of one auction, put together from its rows, its details and its events. */
import type { Catalog } from '#shared/model/catalog.ts';
import type { AuctionOutcome, ImpOutcome, Winner } from '#shared/model/events.ts';
import type { Explanation } from '#shared/model/explanation.ts';
import type { KnownBid, KnownGroup } from '#shared/model/kept-bids.ts';
import { auctionTime } from './answers.ts';
import { whyNoDetails } from './details-absence.ts';
import { outcomeAnswer } from './outcome-fields.ts';
import type { StoredOutcome } from './queries.ts';
import { revealedSalt } from './salts-answer.ts';

/** What explains an outcome: the parts of an {@link Explanation} its row holds. */
export type KnownDetails =
  & Pick<Explanation, 'request' | 'fates' | 'rules' | 'salt' | 'missing' | 'profile' | 'times'>
  & { groups: readonly KnownGroup[] };

export interface KnownEvent {
  kind: string;
  /** Epoch ms. */
  atMs: number;
}

/** An {@link AuctionOutcome} without what only matters while it is under way. */
export type KnownOutcome = Omit<AuctionOutcome, 'v' | 'traceparent' | 'issuedAt' | 'deadline'>;

export interface KnownAuction {
  /** At least one. */
  rows: readonly StoredOutcome[];
  details: KnownDetails | undefined;
  /** Whether the warehouse, which alone could know the details, does not answer. */
  away: boolean;
  events: readonly KnownEvent[];
}

/**
 * `imps` is for reading (decimal CPM); `outcome` and `details` are the pipeline's own messages
 * (integer micros), fit for a replay. `details_absent` says why there are no details.
 * @param now epoch ms.
 * @param detailSample share of auctions whose details are kept.
 */
export function auctionAnswer(
  known: KnownAuction,
  catalog: Catalog,
  now: number,
  detailSample: number,
) {
  const { details, events } = known;
  const rows = inRequestOrder(known.rows, details);
  const auctionId = rows[0]!.auction_id;
  return {
    auction_id: auctionId,
    status: 'closed',
    time: auctionTime(auctionId),
    imps: rows.map((row) => outcomeAnswer(row)),
    outcome: knownOutcome(rows, details),
    details: details
      ? {
        ...details,
        salt: { ...details.salt, salt: revealedSalt(catalog, details.salt.day, now) },
      }
      : null,
    details_absent: details ? null : whyNoDetails({
      auctionId,
      timeMs: Date.parse(auctionTime(auctionId)),
      now,
      away: known.away,
      sample: detailSample,
    }),
    events: events.map(({ kind, atMs }) => ({ kind, time: new Date(atMs).toISOString() })),
  };
}

/** The table sorts imps by their id; the publisher had an order of its own. */
function inRequestOrder(
  rows: readonly StoredOutcome[],
  details: KnownDetails | undefined,
): readonly StoredOutcome[] {
  const place = new Map(details?.request.imp.map(({ id }, index) => [id, index]));
  return rows.toSorted((a, b) =>
    (place.get(a.imp_id) ?? 0) - (place.get(b.imp_id) ?? 0) || (a.imp_id < b.imp_id ? -1 : 1)
  );
}

/**
 * The core of the outcome. What a winner's ad looks like is kept in the details only, so without
 * them there is no outcome to give once more, unless nobody won: null.
 */
function knownOutcome(
  rows: readonly StoredOutcome[],
  details: KnownDetails | undefined,
): KnownOutcome | null {
  const imps: ImpOutcome[] = [];
  for (const row of rows) {
    const winner = row.win_status === 'won' ? winnerOf(row, details) : undefined;
    if (row.win_status === 'won' && !winner) return null;
    imps.push({
      impid: row.imp_id,
      mediaType: row.media_type as ImpOutcome['mediaType'],
      tagid: row.tagid,
      floorMicros: row.floor_micros,
      bids: row.bids,
      eligible: row.eligible,
      ...(winner && { winner }),
    });
  }
  const row = rows[0]!;
  return {
    auctionId: row.auction_id,
    publisherId: row.publisher_id,
    requestId: row.request_id,
    source: row.source as AuctionOutcome['source'],
    siteDomain: row.site_domain,
    userId: row.user_id,
    country: row.country,
    deviceType: row.device_type,
    test: row.test,
    at: row.at as AuctionOutcome['at'],
    currency: row.currency,
    enriched: row.enriched,
    closedBy: row.closed_by as AuctionOutcome['closedBy'],
    groupsExpected: row.groups_expected,
    groupsAnswered: row.groups_answered,
    receivedAt: Date.parse(auctionTime(row.auction_id)),
    tookMs: row.answer_ms,
    imps,
  };
}

function winnerOf(row: StoredOutcome, details: KnownDetails | undefined): Winner | undefined {
  const fate = details?.fates.find(({ impid, status }) => impid === row.imp_id && status === 'won');
  if (!fate || !details) return undefined;
  const bid = offerOf(details, fate);
  if (bid?.adm === undefined) return undefined;
  return {
    seat: fate.seat,
    group: fate.group,
    bidId: bid.id,
    cid: bid.cid,
    crid: bid.crid,
    adomain: bid.adomain,
    mtype: bid.mtype,
    bidMicros: row.bid_micros ?? bid.priceMicros,
    priceMicros: row.price_micros ?? 0,
    ...(bid.dealid !== undefined && { dealid: bid.dealid }),
    w: bid.w,
    h: bid.h,
    ...(bid.dur !== undefined && { dur: bid.dur }),
    adm: bid.adm,
  };
}

function offerOf(
  { groups }: KnownDetails,
  fate: { group: string; seat: string; bidId: string; impid: string },
): KnownBid | undefined {
  return groups.find(({ group }) => group === fate.group)?.seats
    .filter(({ seat }) => seat === fate.seat)
    .flatMap(({ bids }) => bids)
    .find(({ id, impid }) => id === fate.bidId && impid === fate.impid);
}
