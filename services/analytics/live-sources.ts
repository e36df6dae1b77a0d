/** What the live feed asks of the writer and the warehouse: how far one auction is, and the past. */
import { parseAuctionId } from '#shared/model/auction-id.ts';
import type { LiveAuction, LiveSecond, LiveTop } from '#shared/model/live.ts';
import { PLACE } from '#shared/warehouse/outcome-projections.ts';
import { OUTCOMES } from '#shared/warehouse/tables.ts';
import type { Warehouse } from '#shared/warehouse/warehouse.ts';
import { time } from './conditions.ts';
import type { KnownSteps } from './live/auction-topics.ts';
import { AUCTIONS, type LivePast, SECONDS, TIMES_S } from './live/live-feed.ts';
import { lookUp } from './look-up.ts';
import type { RecordPlace } from './offset-ranges.ts';
import type { Writer } from './writer.ts';

/** Sites remembered of each second: more than are shown of all. */
const SITES_PER_SECOND = 20;

/** Undefined when there is no such auction, or not yet. */
export async function knownSteps(
  auctionId: string,
  writer: Pick<Writer, 'find' | 'isWaiting'>,
  warehouse: Pick<Warehouse, 'query'>,
): Promise<KnownSteps | undefined> {
  const { timeMs } = parseAuctionId(auctionId) ?? { timeMs: 0 };
  const [text] = writer.find(auctionId).outcomes;
  const known = await lookUp(auctionId, timeMs, writer, warehouse);
  const row = known?.rows[0];
  if (!known || !row) return undefined;
  const place = text === undefined ? undefined : JSON.parse(text) as RecordPlace;
  return {
    closedAt: timeMs + row.answer_ms,
    explained: known.details !== undefined,
    stored: place === undefined || !writer.isWaiting(place),
    ...(place && { place: { partition: place.partition, offset: place.offset } }),
  };
}

/**
 * The five minutes before now. Bids and seats are left out: they would have to be read from the
 * details, megabytes of JSON.
 */
export async function livePast(
  warehouse: Pick<Warehouse, 'query'>,
  now: number,
): Promise<LivePast> {
  const ask = <Row>(sql: string, seconds = SECONDS): Promise<Row[]> =>
    warehouse.query<Row>(sql, { from: (Math.floor(now / 1000) - seconds) * 1000, to: now });
  const [seconds, sites, times, rows] = await Promise.all([
    ask<LiveSecond>(SECONDS_SQL),
    ask<LiveTop & { at: number }>(SITES_SQL),
    ask<LivePast['times'][number]>(TIMES_SQL, TIMES_S),
    ask<LiveAuction>(AUCTIONS_SQL),
  ]);
  return { seconds, sites: sites.map(({ at, ...top }) => ({ at, top })), times, rows };
}

/** Later ones are counted by the feed, and may be stored before they are asked for. */
const WITHIN = `time >= ${time('from')} AND time < ${time('to')}`;
const AT = 'toUnixTimestamp(toDateTime(time))';

/** Answer times are weighed by rows, not by auctions. */
const SECONDS_SQL = `SELECT ${AT} AS at, groupBitmap(${PLACE}) AS auctions, count() AS imps,
  countIf(win_status = 'won') AS won,
  groupBitmapIf(${PLACE}, closed_by = 'deadline') AS late,
  groupBitmapIf(${PLACE}, enriched) AS enriched,
  sumIf(price_micros, NOT test) AS revenueMicros,
  sum(price_micros) AS priceMicros, sum(bid_micros) AS bidMicros,
  quantileTiming(0.5)(answer_ms) AS p50Ms, quantileTiming(0.99)(answer_ms) AS p99Ms
FROM ${OUTCOMES} WHERE ${WITHIN} GROUP BY at`;

const SITES_SQL = `SELECT ${AT} AS at, site_domain AS name, countIf(win_status = 'won') AS won,
  count() AS offered, sumIf(price_micros, NOT test) AS revenueMicros
FROM ${OUTCOMES} WHERE ${WITHIN} AND site_domain != ''
GROUP BY at, name ORDER BY at, revenueMicros DESC LIMIT ${SITES_PER_SECOND} BY at`;

const TIMES_SQL = `SELECT ${AT} AS at, toUInt32(floor(answer_ms)) AS ms,
  groupBitmap(${PLACE}) AS auctions
FROM ${OUTCOMES} WHERE ${WITHIN} GROUP BY at, ms`;

/** The dearest imp first, as the feed shows it. */
const AUCTIONS_SQL = `SELECT auction_id AS id,
  toUnixTimestamp64Milli(any(time)) + toUInt32(any(answer_ms)) AS at,
  any(publisher_id) AS publisherId, any(site_domain) AS siteDomain, any(user_id) AS userId,
  any(country) AS country, argMax(media_type, price_micros) AS mediaType, count() AS imps,
  countIf(win_status = 'won') AS wonImps, sum(bids) AS bids,
  argMax(floor_micros, price_micros) AS floorMicros, argMax(seat, price_micros) AS seat,
  argMax(campaign_id, price_micros) AS campaignId, argMax(bid_micros, price_micros) AS bidMicros,
  max(price_micros) AS priceMicros, any(currency) AS currency, any(enriched) AS enriched,
  toBool(any(closed_by) = 'deadline') AS late, any(test) AS test, any(answer_ms) AS tookMs
FROM (SELECT * FROM ${OUTCOMES} WHERE ${WITHIN}
  ORDER BY time DESC, auction_id DESC LIMIT ${AUCTIONS * 4})
GROUP BY auction_id ORDER BY at DESC LIMIT ${AUCTIONS}`;
