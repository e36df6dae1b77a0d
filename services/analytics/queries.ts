/**
 * The questions the API asks, as SQL with bound parameters: no value of a reader is ever part of
 * the text. Every one is bounded in time by the table's order (time, auction_id, imp_id) where the
 * reader bounds it, and reads only the columns it answers with.
 */
import { AD_EVENTS, AUCTION_DETAILS, OUTCOMES } from '#shared/warehouse/tables.ts';
import { conditions, type Query, time } from './conditions.ts';
import type { Column } from './filter-columns.ts';
import type { OutcomeFilters } from './filters.ts';
import { answerTimes, isKept, measures, sums } from './roll-ups.ts';
import { rowSettings } from './row-settings.ts';
import { isTogether, rowConditions } from './together.ts';

export type { Query } from './conditions.ts';

/** Rows of the summary of winners: more seats and campaigns than a page shows. */
const SUMMARY_ROWS = 50;

/** A row of `outcomePage` in listing.ts and {@link auctionOutcomes}. */
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

export const OUTCOME_COLUMNS = [
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

/** Rows counted where no projection has them together: a count of millions would read as many. */
export const TOTAL_MAX = 10_000;

/**
 * `total`: all rows the filters let through, whatever the page; exact where a projection has their
 * number or has them together, else up to {@link TOTAL_MAX} and one more.
 */
export function outcomeTotal(filters: OutcomeFilters): Query {
  if (isKept(filters)) {
    const { sql, params } = sums(filters, [], 'count() AS n');
    return { sql: `SELECT sum(n) AS total FROM (${sql})`, params };
  }
  if (isTogether(filters)) {
    return conditions(filters).query(`SELECT count() AS total FROM ${OUTCOMES}`);
  }
  const { sql, params } = rowConditions(filters).query(
    `SELECT 1 FROM ${OUTCOMES}`,
    `LIMIT ${TOTAL_MAX + 1}`,
  );
  return { sql: `SELECT count() AS total FROM (${sql})${rowSettings(filters)}`, params };
}

/** Whether {@link outcomeTotal} may have stopped counting. */
export function isCapped(filters: OutcomeFilters, total: number): boolean {
  return !isKept(filters) && !isTogether(filters) && total > TOTAL_MAX;
}

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
  const rows = measures(filters);
  const times = answerTimes(filters);
  return {
    sql: `SELECT ${MEASURES_SUMMED},
  sum(answer_sum) AS answer_sum,
  (SELECT quantilesTimingWeighted(0.5, 0.99)(ms, n) FROM (${times.sql})) AS answer_quantiles,
  toUnixTimestamp64Milli(min(first)) AS first_ms,
  toUnixTimestamp64Milli(max(last)) AS last_ms
FROM (${rows.sql})`,
    params: { ...rows.params, ...times.params },
  };
}

/** Rows of {@link measures}, added up; no auction is in two of them, as its rows share their time. */
export const MEASURES_SUMMED = summed([
  'auctions',
  'offered',
  'won',
  'revenue_micros',
  'price_sum',
  'bid_sum',
  'enriched_rows',
]);

/** As {@link MEASURES_SUMMED}, of some. */
export function summed(names: readonly (keyof Measures)[]): string {
  return names.map((name) => `sum(${name}) AS ${name}`).join(', ');
}

export interface DailyRow extends Measures {
  /** UTC, `2026-11-22`. */
  utc_day: string;
}

/** Days with traffic, oldest first. */
export function dailyStats(filters: OutcomeFilters): Query {
  const { sql, params } = measures(filters, 'day');
  return {
    sql: `SELECT toDate(start) AS utc_day, ${MEASURES_SUMMED}
FROM (${sql})
GROUP BY utc_day ORDER BY utc_day`,
    params,
  };
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
  const keys = ['seat', 'campaign_id'] as const satisfies Column[];
  const { sql, params } = sums(
    { ...filters, winStatus: 'won' },
    keys,
    `count() AS n, sumIf(price_micros, NOT test) AS revenue, sum(price_micros) AS price,
  sum(bid_micros) AS bid`,
  );
  return {
    sql: `SELECT seat, campaign_id, sum(n) AS won, sum(revenue) AS revenue_micros,
  sum(price) AS price_sum, sum(bid) AS bid_sum
FROM (${sql})
GROUP BY seat, campaign_id ORDER BY won DESC, seat, campaign_id LIMIT ${SUMMARY_ROWS}`,
    params,
  };
}

/** The rows of one auction; its time, which the id holds, finds them by the primary key. */
export function auctionOutcomes(auctionId: string, timeMs: number): Query {
  return oneAuction(OUTCOMES, OUTCOME_COLUMNS.join(', '), auctionId, timeMs, 'ORDER BY imp_id');
}

export function auctionDetails(auctionId: string, timeMs: number): Query {
  const columns =
    'request, groups, fates, profile, rules, salt, toString(missing) AS missing, times';
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
