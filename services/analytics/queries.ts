/**
 * The questions the API asks, as SQL with bound parameters: no value of a reader is ever part of
 * the text. Every one is bounded in time by the table's order (time, auction_id, imp_id) where the
 * reader bounds it, and reads only the columns it answers with.
 */
import { AD_EVENTS, AUCTION_DETAILS, OUTCOMES } from '#shared/warehouse/tables.ts';
import type { OutcomeFilters, Page } from './filters.ts';

export interface Query {
  sql: string;
  /** Values of the `{name:Type}` places. */
  params: Record<string, unknown>;
}

/** Rows of the summary of winners: more seats and campaigns than a page shows. */
export const SUMMARY_ROWS = 50;

/** A row of {@link outcomePage} and {@link auctionOutcomes}. */
export interface StoredOutcome {
  auction_id: string;
  request_id: string;
  publisher_id: string;
  source: string;
  imp_id: string;
  media_type: string;
  tagid: string;
  site_domain: string;
  user_id: string;
  country: string;
  device_type: number;
  test: boolean;
  at: number;
  win_status: 'won' | 'no_bid';
  seat?: string;
  bidding_group?: string;
  campaign_id?: string;
  creative_id?: string;
  floor_micros: number;
  bid_micros?: number;
  price_micros?: number;
  currency: string;
  bids: number;
  eligible: number;
  enriched: boolean;
  closed_by: string;
  groups_expected: number;
  groups_answered: number;
  answer_ms: number;
  trace_id: string;
}

const OUTCOME_COLUMNS = [
  'auction_id',
  'request_id',
  'publisher_id',
  'source',
  'imp_id',
  'media_type',
  'tagid',
  'site_domain',
  'user_id',
  'country',
  'device_type',
  'test',
  'at',
  'win_status',
  'seat',
  'bidding_group',
  'campaign_id',
  'creative_id',
  'floor_micros',
  'bid_micros',
  'price_micros',
  'currency',
  'bids',
  'eligible',
  'enriched',
  'closed_by',
  'groups_expected',
  'groups_answered',
  'answer_ms',
  'trace_id',
] as const satisfies (keyof StoredOutcome)[];

/** One page, newest first. Read in the table's order, so a page without filters opens few granules. */
export function outcomePage(filters: OutcomeFilters, page: Page): Query {
  const where = conditions(filters);
  if (page.after) {
    // The first half says nothing new, but it lets whole parts and granules be passed over.
    where.add(`time <= ${time('after_time')}`, { after_time: page.after.timeMs });
    where.add(
      `(time, auction_id, imp_id) < (${time('after_time')}, {after_id:String}, {after_imp:String})`,
      { after_id: page.after.auctionId, after_imp: page.after.impId },
    );
  }
  return where.query(
    `SELECT ${OUTCOME_COLUMNS.join(', ')} FROM ${OUTCOMES}`,
    'ORDER BY time DESC, auction_id DESC, imp_id DESC LIMIT {limit:UInt32}',
    { limit: page.limit },
  );
}

/** `total`: all rows the filters let through, whatever the page. */
export function outcomeTotal(filters: OutcomeFilters): Query {
  return conditions(filters).query(`SELECT count() AS total FROM ${OUTCOMES}`);
}

/**
 * Auctions, counted exactly: rows of one auction share its place on the bus, and a bitmap of these
 * numbers, dense as they are, was measured at a quarter of the time of `uniqExact(auction_id)`.
 */
const AUCTIONS = 'groupBitmap(bitOr(bitShiftLeft(toUInt64(partition), 48), offset))';

/** What every summary sums up; test auctions are never billed, so they bring no revenue. */
const MEASURES = `${AUCTIONS} AS auctions,
  count() AS offered,
  countIf(win_status = 'won') AS won,
  sumIf(price_micros, NOT test) AS revenue_micros,
  sum(price_micros) AS price_sum,
  sum(bid_micros) AS bid_sum,
  countIf(enriched) AS enriched_rows`;

/** A row with the measures of {@link outcomeStats} and {@link dailyStats}. */
export interface Measures {
  auctions: number;
  offered: number;
  won: number;
  /** Micros of CPM, summed up. */
  revenue_micros: number;
  price_sum: number;
  bid_sum: number;
  enriched_rows: number;
}

/** The one row of {@link outcomeStats}; numbers are 0 where there is nothing. */
export interface StatsRow extends Measures {
  answer_sum: number;
  /** Median and 99th percentile, ms; null without rows. */
  answer_quantiles: [p50: number | null, p99: number | null];
  first_ms: number;
  last_ms: number;
}

export function outcomeStats(filters: OutcomeFilters): Query {
  return conditions(filters).query(
    `SELECT ${MEASURES},
  sum(answer_ms) AS answer_sum,
  quantilesTiming(0.5, 0.99)(answer_ms) AS answer_quantiles,
  toUnixTimestamp64Milli(min(time)) AS first_ms,
  toUnixTimestamp64Milli(max(time)) AS last_ms
FROM ${OUTCOMES}`,
  );
}

export interface DailyRow extends Measures {
  /** UTC, `2026-11-22`. */
  utc_day: string;
}

/** Days with traffic, oldest first. */
export function dailyStats(filters: OutcomeFilters): Query {
  return conditions(filters).query(
    `SELECT toDate(time) AS utc_day, ${MEASURES}\nFROM ${OUTCOMES}`,
    'GROUP BY utc_day ORDER BY utc_day',
  );
}

export interface WinnerRow {
  seat: string;
  campaign_id: string;
  won: number;
  revenue_micros: number;
  price_sum: number;
  bid_sum: number;
}

/** Who won most: by seat and campaign. */
export function winnerSummary(filters: OutcomeFilters): Query {
  return conditions({ ...filters, winStatus: 'won' }).query(
    `SELECT seat, campaign_id, count() AS won, sumIf(price_micros, NOT test) AS revenue_micros,
  sum(price_micros) AS price_sum, sum(bid_micros) AS bid_sum
FROM ${OUTCOMES}`,
    `GROUP BY seat, campaign_id ORDER BY won DESC, seat, campaign_id LIMIT ${SUMMARY_ROWS}`,
  );
}

/** The rows of one auction; its time, which the id holds, finds them by the primary key. */
export function auctionOutcomes(auctionId: string, timeMs: number): Query {
  return oneAuction(OUTCOMES, OUTCOME_COLUMNS.join(', '), auctionId, timeMs, 'ORDER BY imp_id');
}

export function auctionDetails(auctionId: string, timeMs: number): Query {
  const columns = 'request, groups, fates, profile, rules, salt, missing';
  return oneAuction(AUCTION_DETAILS, columns, auctionId, timeMs, 'LIMIT 1');
}

export function auctionEvents(auctionId: string, timeMs: number): Query {
  const columns = 'kind, toUnixTimestamp64Milli(event_time) AS event_ms';
  return oneAuction(AD_EVENTS, columns, auctionId, timeMs, 'ORDER BY event_time, kind');
}

/** Ids of the newest auctions as `key`. */
export function newestOutcomes(limit: number): Query {
  return newest(OUTCOMES, 'auction_id', limit);
}

/** `auction/kind` of the newest events as `key`. */
export function newestEvents(limit: number): Query {
  return newest(AD_EVENTS, `concat(auction_id, '/', kind)`, limit);
}

function newest(table: string, key: string, limit: number): Query {
  const order = 'ORDER BY time DESC, auction_id DESC LIMIT {limit:UInt32}';
  return { sql: `SELECT ${key} AS key FROM ${table} ${order}`, params: { limit } };
}

function oneAuction(
  table: string,
  columns: string,
  auctionId: string,
  timeMs: number,
  tail: string,
): Query {
  return {
    sql: `SELECT ${columns} FROM ${table}
WHERE time = ${time('time')} AND auction_id = {id:String} ${tail}`,
    params: { time: timeMs, id: auctionId },
  };
}

/** A DateTime64 made of a parameter in epoch ms. */
function time(name: string): string {
  return `fromUnixTimestamp64Milli({${name}:Int64}, 'UTC')`;
}

interface Conditions {
  add(text: string, params?: Record<string, unknown>): void;
  query(head: string, tail?: string, params?: Record<string, unknown>): Query;
}

function conditions(filters: OutcomeFilters): Conditions {
  const texts: string[] = [];
  const params: Record<string, unknown> = {};
  const add: Conditions['add'] = (text, more) => {
    texts.push(text);
    Object.assign(params, more);
  };
  const { sinceMs, untilMs, minPriceMicros, maxPriceMicros } = filters;
  if (sinceMs !== undefined) add(`time >= ${time('since')}`, { since: sinceMs });
  if (untilMs !== undefined) add(`time < ${time('until')}`, { until: untilMs });
  if (filters.winStatus !== undefined) {
    add('win_status = {win_status:String}', { win_status: filters.winStatus });
  }
  if (filters.enriched !== undefined) {
    add('enriched = {enriched:UInt8}', { enriched: Number(filters.enriched) });
  }
  for (const [column, value] of textFilters(filters)) {
    if (value !== undefined) add(`${column} = {${column}:String}`, { [column]: value });
  }
  // An imp that nobody bought has no price, rather than one of 0.
  if (minPriceMicros !== undefined || maxPriceMicros !== undefined) add(`win_status = 'won'`);
  if (minPriceMicros !== undefined) {
    add('price_micros >= {min_price:UInt64}', { min_price: minPriceMicros });
  }
  if (maxPriceMicros !== undefined) {
    add('price_micros <= {max_price:UInt64}', { max_price: maxPriceMicros });
  }
  return {
    add,
    query(head, tail = '', more = {}) {
      const where = texts.length > 0 ? `\nWHERE ${texts.join(' AND ')}` : '';
      return { sql: `${head}${where}\n${tail}`.trimEnd(), params: { ...params, ...more } };
    },
  };
}

function textFilters(filters: OutcomeFilters): [column: string, value: string | undefined][] {
  return [
    ['user_id', filters.userId],
    ['site_domain', filters.siteDomain],
    ['seat', filters.seat],
    ['campaign_id', filters.campaign],
    ['publisher_id', filters.publisherId],
  ];
}
