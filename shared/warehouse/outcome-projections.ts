/**
 * What is kept beside the rows of `outcomes`, so that reports and lists need not read them all.
 *
 * - Projections hold sums. They belong to a part of the table and are made from its rows, so they are
 *   as exact as the table: a batch that is inserted twice is in both once.
 * - Indexes say which granules (8,192 rows) cannot hold a user, a site or a price.
 * - Both are made when parts are merged, never by an insert: the exchange does not wait for them, and
 *   what has none yet (some seconds of rows) is read row by row.
 */
import type { Warehouse } from './warehouse.ts';

/**
 * Auctions, counted exactly: rows of one auction share its place on the bus, and a bitmap of these
 * numbers, dense as they are, was measured at a quarter of the time of `uniqExact(auction_id)`.
 * Rows of one auction also share their time, so auctions of different hours can be added up.
 */
const AUCTIONS = 'groupBitmap(bitOr(bitShiftLeft(toUInt64(partition), 48), offset))';

/**
 * What every report sums up, by the name it gets. A projection is only found by a statement in these
 * very words. Test auctions are never billed, so they bring no revenue.
 */
export const MEASURES = {
  auctions: AUCTIONS,
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

/** What the measures are kept by, beside the hour or day. */
export const MEASURES_BY = {
  hour: ['win_status', 'enriched', 'seat', 'campaign_id'],
  day: ['site_domain', 'win_status', 'enriched', 'seat'],
  /** Whole ms, for percentiles. */
  answerMs: 'toUInt16(least(answer_ms, 65535))',
} as const;

const ALL = Object.values(MEASURES).join(', ');
const list = (columns: readonly string[]): string => columns.join(', ');

/** By name; a table has them from its first day, or gets them by {@link addProjections}. */
const PROJECTIONS = {
  by_hour: `SELECT toStartOfHour(time) AS start, ${ALL} GROUP BY start`,
  by_hour_and_winner: `SELECT toStartOfHour(time) AS start, ${list(MEASURES_BY.hour)}, ${ALL}
    GROUP BY start, ${list(MEASURES_BY.hour)}`,
  by_hour_and_answer: `SELECT toStartOfHour(time) AS start, ${MEASURES_BY.answerMs} AS ms, count()
    GROUP BY start, ms`,
  by_site_and_day: `SELECT toStartOfDay(time) AS start, ${list(MEASURES_BY.day)}, ${ALL}
    GROUP BY site_domain, start, win_status, enriched, seat`,
} as const;

const INDEXES = {
  user_id_bloom: 'user_id TYPE bloom_filter(0.01)',
  site_domain_bloom: 'site_domain TYPE bloom_filter(0.01)',
  price_range: 'price_micros TYPE minmax',
  bid_range: 'bid_micros TYPE minmax',
  answer_range: 'answer_ms TYPE minmax',
} as const;

/** Names of the indexes no insert makes. */
export const MERGED_INDEXES = Object.keys(INDEXES);

/** Of the table. After a merge a projection is made anew: it must not count rows the merge dropped. */
const STORAGE = {
  materialize_projections_on_insert: 0,
  materialize_projections_on_merge: 1,
  deduplicate_merge_projection_mode: `'rebuild'`,
} as const;
export const PROJECTION_STORAGE = Object.entries(STORAGE).map(([name, value]) =>
  `${name} = ${value}`
).join(', ');

/** For the DDL of a new table. */
export const PROJECTION_DDL = [
  ...Object.entries(INDEXES).map(([name, of]) => `INDEX ${name} ${of} GRANULARITY 1`),
  ...Object.entries(PROJECTIONS).map(([name, of]) => `PROJECTION ${name} (${of})`),
].join(',\n  ');

/**
 * Gives a table made by an older version what it lacks. Returns at once: the parts it has are worked
 * over in the background, about ten million rows a minute, and are read row by row until then.
 */
export async function addProjections(
  warehouse: Pick<Warehouse, 'command' | 'query'>,
  table: string,
): Promise<void> {
  const present = await warehouse.query<{ name: string }>(
    `SELECT name FROM system.projections
     WHERE concat(database, '.', table) = {table:String}`,
    { table },
  );
  const missing = Object.entries(PROJECTIONS)
    .filter(([name]) => !present.some((projection) => projection.name === name));
  if (missing.length === 0) return;
  await warehouse.command(`ALTER TABLE ${table} MODIFY SETTING ${PROJECTION_STORAGE}`);
  const additions = [
    ...Object.entries(INDEXES).map(([name, of]) =>
      `ADD INDEX IF NOT EXISTS ${name} ${of} GRANULARITY 1`
    ),
    ...missing.map(([name, of]) => `ADD PROJECTION IF NOT EXISTS ${name} (${of})`),
  ];
  await warehouse.command(`ALTER TABLE ${table} ${additions.join(', ')}`);
  const work = [
    ...MERGED_INDEXES.map((name) => `MATERIALIZE INDEX ${name}`),
    ...missing.map(([name]) => `MATERIALIZE PROJECTION ${name}`),
  ];
  await warehouse.command(`ALTER TABLE ${table} ${work.join(', ')} SETTINGS mutations_sync = 0`);
}
