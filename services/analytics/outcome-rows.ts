import { auctionTimeText } from '#shared/model/auction-time.ts';
import type { AuctionOutcome } from '#shared/model/events.ts';
import { jsonText } from '#shared/model/json-text.ts';
import { traceIdOf } from '#shared/trace.ts';
import type { OutcomeRow } from '#shared/warehouse/tables.ts';
import { firstsOf } from './firsts.ts';

/** Largest value of the table's `device_type`; the number comes from the publisher. */
const DEVICE_TYPE_MAX = 255;

/**
 * The rows of one auction as JSON texts, one per imp, beginning with `{"auction_id":`. One flat
 * literal and one `JSON.stringify` per row: gluing the text by hand was measured at four times the
 * cost, as every piece is an object of its own until the text is sent.
 * @throws {TypeError} when the auction id is none.
 */
export function outcomeRows(outcome: AuctionOutcome, partition: number, offset: number): string[] {
  const time = auctionTimeText(outcome.auctionId);
  const rows = new Array<string>(outcome.imps.length);
  for (let i = 0; i < rows.length; i++) {
    rows[i] = jsonText(outcomeRow(outcome, i, time, partition, offset));
  }
  return rows;
}

function outcomeRow(
  outcome: AuctionOutcome,
  at: number,
  time: string,
  partition: number,
  offset: number,
): OutcomeRow {
  const imp = outcome.imps[at]!;
  const { winner } = imp;
  return {
    auction_id: outcome.auctionId,
    time,
    request_id: outcome.requestId,
    publisher_id: outcome.publisherId,
    source: outcome.source,
    imp_id: imp.impid,
    media_type: imp.mediaType,
    tagid: imp.tagid,
    site_domain: outcome.siteDomain,
    user_id: outcome.userId,
    country: outcome.country,
    device_type: whole(outcome.deviceType, DEVICE_TYPE_MAX),
    test: outcome.test,
    at: outcome.at,
    win_status: winner ? 'won' : 'no_bid',
    seat: winner?.seat,
    bidding_group: winner?.group,
    campaign_id: winner?.cid,
    creative_id: winner?.crid,
    deal_id: winner?.dealid,
    adomain: winner?.adomain,
    floor_micros: whole(imp.floorMicros, Number.MAX_SAFE_INTEGER),
    bid_micros: winner?.bidMicros,
    price_micros: winner?.priceMicros,
    currency: outcome.currency,
    bids: imp.bids,
    eligible: imp.eligible,
    enriched: outcome.enriched,
    closed_by: outcome.closedBy,
    groups_expected: outcome.groupsExpected,
    groups_answered: outcome.groupsAnswered,
    answer_ms: Math.round(outcome.tookMs * 1000) / 1000,
    firsts: firstsOf(outcome.imps, at),
    trace_id: traceIdOf(outcome.traceparent),
    partition,
    offset,
  };
}

/** ClickHouse refuses a whole batch for one fraction or minus sign in an unsigned column. */
function whole(value: number, most: number): number {
  return Number.isInteger(value) && value >= 0 && value <= most ? value : 0;
}
