/**
 * What is kept beside the rows of `outcomes`, so that reports and lists need not read them all.
 *
 * - Projections hold sums. They belong to a part of the table and are made from its rows, so they are
 *   as exact as the table: a batch that is inserted twice is in both once.
 * - Indexes say which granules (8,192 rows) cannot hold a user, a site or a price.
 * - Inserts make the projections: ClickHouse merges no part that has them with one that has not, and
 *   parts left between others would pile up. Indexes are made by merges; rows too young for one are
 *   read.
 */
import type { Warehouse } from './warehouse.ts';

/** A row's place on the bus as one number; rows of one auction share it. */
export const PLACE = 'bitOr(bitShiftLeft(toUInt64(partition), 48), offset)';
/**
 * Auctions, counted exactly: a bitmap of their places, dense as these are, was measured at a quarter
 * of the time of `uniqExact(auction_id)`. Rows of one auction also share their time, so auctions of
 * different hours can be added up.
 */
const AUCTIONS = `groupBitmap(${PLACE})`;

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
export const PROJECTION_STORAGE = `deduplicate_merge_projection_mode = 'rebuild'`;

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
  const ofTable = `concat(database, '.', table) = {table:String}`;
  const present = await warehouse.query<{ name: string }>(
    `SELECT name FROM system.projections WHERE ${ofTable}`,
    { table },
  );
  const missing = Object.entries(PROJECTIONS)
    .filter(([name]) => !present.some((projection) => projection.name === name));
  if (missing.length === 0) {
    // A process that ended right after adding them left parts behind that have none.
    const [parts] = await warehouse.query<{ lacking: number; mutations: number }>(
      `SELECT toInt64((SELECT count() FROM system.parts WHERE active AND ${ofTable})) *
          ${Object.keys(PROJECTIONS).length}
          - (SELECT count() FROM system.projection_parts WHERE active AND ${ofTable}) AS lacking,
        (SELECT count() FROM system.mutations WHERE NOT is_done AND ${ofTable}) AS mutations`,
      { table },
    );
    if (parts!.lacking > 0 && parts!.mutations === 0) await makeForOldParts(warehouse, table);
    return;
  }
  await warehouse.command(`ALTER TABLE ${table} MODIFY SETTING ${PROJECTION_STORAGE}`);
  const additions = [
    ...Object.entries(INDEXES).map(([name, of]) =>
      `ADD INDEX IF NOT EXISTS ${name} ${of} GRANULARITY 1`
    ),
    ...missing.map(([name, of]) => `ADD PROJECTION IF NOT EXISTS ${name} (${of})`),
  ];
  await warehouse.command(`ALTER TABLE ${table} ${additions.join(', ')}`);
  await makeForOldParts(warehouse, table);
}

/** Makes what parts lack, in the background. */
async function makeForOldParts(
  warehouse: Pick<Warehouse, 'command'>,
  table: string,
): Promise<void> {
  const work = [
    ...MERGED_INDEXES.map((name) => `MATERIALIZE INDEX ${name}`),
    ...Object.keys(PROJECTIONS).map((name) => `MATERIALIZE PROJECTION ${name}`),
  ];
  await warehouse.command(`ALTER TABLE ${table} ${work.join(', ')} SETTINGS mutations_sync = 0`);
}
