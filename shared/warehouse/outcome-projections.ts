/**
 * What is kept beside the rows of `outcomes`, so that reports and lists need not read them all.
 *
 * - Projections are kept by merges alone: inserts write rows and nothing else. ClickHouse merges parts
 *   that have none with each other, and a projection belongs to its part and is made from its rows: it
 *   is as exact as the table. Rows too young for a merge are read.
 * - Some hold sums. Others hold a few columns in an order of their own, and where each row lies in its
 *   part: the rows of a user or a site lie together there, whatever their time.
 * - Indexes say which granules cannot hold a price, a campaign or a request. Merges make them too.
 */

/** A row's place on the bus as one number; rows of one auction share it. */
export const PLACE = 'bitOr(bitShiftLeft(toUInt64(partition), 48), offset)';

/**
 * What every report sums up, by the name it gets. A projection is only found by a statement in these
 * very words. Test auctions are never billed, so they bring no revenue.
 */
export const MEASURES = {
  offered: 'count()',
  won: `countIf(win_status = 'won')`,
  revenue_micros: 'sumIf(price_micros, NOT test)',
  price_sum: 'sum(price_micros)',
  bid_sum: 'sum(bid_micros)',
  enriched_rows: 'countIf(enriched)',
  answer_sum: 'sum(answer_ms)',
  first: 'min(time)',
  last: 'max(time)',
} as const;

/**
 * Bits of the column `firsts`: of which rows of its auction this is the first. Those with the bit
 * count auctions exactly, where rows are chosen by these columns.
 */
export const FIRST_BITS = {
  any: 0,
  win_status: 1,
  seat: 2,
  campaign_id: 3,
  seat_and_campaign: 4,
  /** Set in every row of a version that knows the column. */
  known: 5,
} as const;
export type FirstOf = Exclude<keyof typeof FIRST_BITS, 'known'>;
const FIRSTS = ['any', 'win_status', 'seat', 'campaign_id', 'seat_and_campaign'] as const;

const firstRows = (of: FirstOf): string => `countIf(bitTest(firsts, ${FIRST_BITS[of]}))`;
/** Auctions of rows from before `firsts`, by a bitmap of their places. */
const OLD_AUCTIONS = `groupBitmapIf(${PLACE}, firsts = 0)`;

/**
 * Auctions, exactly, of rows that are chosen by columns of the whole auction and those of `of`. Rows
 * of one auction share their time, so auctions of different hours can be added up.
 */
export function auctionsBy(of: FirstOf): string {
  return `${firstRows(of)} + ${OLD_AUCTIONS}`;
}

/**
 * Auctions of any rows of one log, which gives no place twice: a quarter of the time of
 * `uniqExact(auction_id)`, and many times a sum's.
 */
export const AUCTIONS = `groupBitmap(${PLACE})`;

/** What the measures are kept by, beside the hour. */
export const MEASURES_BY = {
  hour: ['win_status', 'enriched', 'seat', 'campaign_id'],
  /** Whole ms, for percentiles. */
  answerMs: 'toUInt16(least(answer_ms, 65535))',
} as const;

/** Columns of the projections with rows; a statement that needs no others reads few granules. */
export const ROWS_BY = {
  user_id: ['user_id', 'time', 'win_status'],
  site_domain: [
    'site_domain',
    'time',
    'win_status',
    'enriched',
    'seat',
    'campaign_id',
    'price_micros',
    'bid_micros',
    'test',
    'answer_ms',
    'partition',
    'offset',
  ],
} as const;

const list = (columns: readonly string[]): string => columns.join(', ');
const KEPT = list([...Object.values(MEASURES), ...FIRSTS.map(firstRows), OLD_AUCTIONS]);
/** With `_part_offset` ClickHouse also finds the other columns of the rows by them. */
const rowsBy = (key: keyof typeof ROWS_BY): string =>
  `SELECT ${list(ROWS_BY[key])}, _part_offset ORDER BY ${key}, time`;

/** By name. What one holds is never changed under the same name: parts would keep the old one. */
export const PROJECTIONS = {
  by_winner: `SELECT toStartOfHour(time) AS start, ${list(MEASURES_BY.hour)}, ${KEPT}
    GROUP BY start, ${list(MEASURES_BY.hour)}`,
  by_hour_and_answer: `SELECT toStartOfHour(time) AS start, ${MEASURES_BY.answerMs} AS ms, count()
    GROUP BY start, ms`,
  by_user: rowsBy('user_id'),
  by_site: rowsBy('site_domain'),
} as const;

/**
 * Of a table that has rows from before `firsts` too: their auctions are bitmaps, and to add up those of
 * every winner would take a tenth of a second for ten million rows.
 */
export const OLD_ROWS_PROJECTIONS = {
  by_hour_alone: `SELECT toStartOfHour(time) AS start, ${
    list([...Object.values(MEASURES), firstRows('any'), OLD_AUCTIONS])
  } GROUP BY start`,
} as const;

/** Those of older versions. */
export const FORMER_PROJECTIONS = ['by_hour', 'by_hour_and_winner', 'by_site_and_day'] as const;

/**
 * A bloom filter of few values is small: each covers 8,192 rows. Ids of requests are all different and
 * take bits for each row, so theirs may err ten times as often: at worst one row in a hundred is read.
 */
export const INDEXES = {
  price_range: 'price_micros TYPE minmax GRANULARITY 1',
  bid_range: 'bid_micros TYPE minmax GRANULARITY 1',
  floor_range: 'floor_micros TYPE minmax GRANULARITY 1',
  answer_range: 'answer_ms TYPE minmax GRANULARITY 1',
  bids_range: 'bids TYPE minmax GRANULARITY 1',
  seat_bloom: 'seat TYPE bloom_filter(0.001) GRANULARITY 8',
  campaign_bloom: 'campaign_id TYPE bloom_filter(0.001) GRANULARITY 8',
  request_bloom: 'request_id TYPE bloom_filter(0.01) GRANULARITY 8',
} as const;

export const FORMER_INDEXES = ['user_id_bloom', 'site_domain_bloom'] as const;

/** Names of the indexes no insert makes. */
export const MERGED_INDEXES = ['auction_id_range', ...Object.keys(INDEXES), ...FORMER_INDEXES];

/** For the DDL of a new table. */
export const PROJECTION_DDL = [
  ...Object.entries(INDEXES).map(([name, of]) => `INDEX ${name} ${of}`),
  ...Object.entries(PROJECTIONS).map(([name, of]) => `PROJECTION ${name} (${of})`),
].join(',\n  ');
