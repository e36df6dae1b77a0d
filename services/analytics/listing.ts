/**
 * Pages of outcomes in any order. By time they are read in the table's order. By a value, reading
 * all sorting columns of every row would cost a second; instead the rows that share the value where
 * the last page ended come first, in the table's order, and then those beyond it: the value where
 * this page will end is found by that column alone, so that few rows are read whole.
 */
import { OUTCOMES } from '#shared/warehouse/tables.ts';
import { type Conditions, conditions, type Query, time } from './conditions.ts';
import type { Keyset } from './cursor.ts';
import type { OutcomeFilters, Page } from './filters.ts';
import { columnsBehind } from './outcome-fields.ts';
import { OUTCOME_COLUMNS, type StoredOutcome } from './queries.ts';
import { NEWEST_FIRST, type Order, SORT_COLUMNS, type Sorting } from './sorting.ts';
import { isTogether, togetherBy } from './together.ts';

type Ask = <Row>(query: Query) => Promise<Row[]>;

/**
 * A page by time is looked for in so much time first: every part of the table is opened for a
 * statement that does not say when. An hour of a busy exchange holds many pages; where a filter lets
 * few rows through, a day may hold one.
 */
const NEAR_MS = 3_600_000;
const NEAR_OF_FEW_MS = 24 * NEAR_MS;

/**
 * At most `page.limit` rows behind `page.after`, in the page's order, with what `page.fields` and the
 * next page need.
 * @param now epoch ms; only for speed.
 */
export async function listOutcomes(
  ask: Ask,
  filters: OutcomeFilters,
  page: Page,
  now: number,
): Promise<StoredOutcome[]> {
  const { sort, order } = page.sorting ?? NEWEST_FIRST;
  const column = SORT_COLUMNS[sort];
  if (column === undefined) {
    const near = nearby(filters, page, now);
    const found = near ? await ask<StoredOutcome>(outcomePage(near, page)) : [];
    return found.length === page.limit ? found : await ask(scatteredPage(filters, page));
  }
  const { limit, after } = page;
  const columns = columnsOf(page);
  const rows = after
    ? await ask<StoredOutcome>(equalValues(filters, column, order, after, limit, columns))
    : [];
  if (rows.length === limit) return rows;
  const rest = limit - rows.length;
  const [end] = await ask<{ value: number | null; found: number }>(
    endOfPage(filters, column, order, after, rest),
  );
  if (!end || end.found === 0 || end.value === null) return rows;
  return [
    ...rows,
    ...await ask<StoredOutcome>(
      beyondValue(filters, column, order, after, rest, end.value, columns),
    ),
  ];
}

/** The value of the column a row was sorted by; undefined by time. */
export function sortValue(row: StoredOutcome, { sort }: Sorting): number | undefined {
  const column = SORT_COLUMNS[sort];
  return column === undefined ? undefined : row[column] ?? 0;
}

/** One page by time. Read in the table's order, so a page without filters opens few granules. */
export function outcomePage(filters: OutcomeFilters, page: Page): Query {
  const { order } = page.sorting ?? NEWEST_FIRST;
  const where = conditions(filters);
  if (page.after) addBehind(where, order, page.after);
  return where.query(
    `SELECT ${columnsOf(page)} FROM ${OUTCOMES}`,
    `${tableOrder(order)} LIMIT {limit:UInt32}`,
    { limit: page.limit },
  );
}

/**
 * The same page, for rows that lie far from each other: their times are found by the columns of the
 * filters alone, or by a projection that has the rows together, so that the others are read in no
 * more granules than the page has rows.
 */
export function scatteredPage(filters: OutcomeFilters, page: Page): Query {
  const { order } = page.sorting ?? NEWEST_FIRST;
  if (Object.values(filters).every((value) => value === undefined)) {
    return outcomePage(filters, page);
  }
  const found = conditions(filters);
  // Of the rows at the very time of the cursor, the projection does not know which are behind it.
  if (page.after) found.add(`time ${order === 'desc' ? '<' : '>'} ${time('after_time')}`);
  const { sql } = found.query(
    `SELECT time FROM ${OUTCOMES}`,
    `ORDER BY time ${order} LIMIT {limit:UInt32}`,
  );
  const times = page.after ? `SELECT ${time('after_time')} UNION ALL SELECT * FROM (${sql})` : sql;
  const where = conditions(filters);
  if (page.after) addBehind(where, order, page.after);
  where.add(`time IN (${times})`);
  return where.query(
    `SELECT ${columnsOf(page)} FROM ${OUTCOMES}`,
    `${tableOrder(order)} LIMIT {limit:UInt32}`,
    { limit: page.limit },
  );
}

/** The columns of the fields asked for, and those the next page begins with. */
function columnsOf({ fields, sorting }: Page): string {
  if (fields === undefined) return OUTCOME_COLUMNS.join(', ');
  const sorted = SORT_COLUMNS[(sorting ?? NEWEST_FIRST).sort] ?? 'auction_id';
  return [...new Set(['auction_id', 'imp_id', sorted, ...columnsBehind(fields)])].join(', ');
}

/** The filters with a span at the begin of the page; rows that lie together are found faster. */
function nearby(filters: OutcomeFilters, page: Page, now: number): OutcomeFilters | undefined {
  if (togetherBy(filters) === 'user_id' || isTogether(filters)) return undefined;
  const { siteDomain, publisherId, minPriceMicros, maxPriceMicros } = filters;
  const few = [siteDomain, publisherId, minPriceMicros, maxPriceMicros]
    .some((value) => value !== undefined);
  const length = few ? NEAR_OF_FEW_MS : NEAR_MS;
  const { order } = page.sorting ?? NEWEST_FIRST;
  const begin = page.after?.timeMs ?? (order === 'desc' ? filters.untilMs ?? now : filters.sinceMs);
  if (begin === undefined) return undefined;
  return order === 'desc'
    ? { ...filters, sinceMs: Math.max(filters.sinceMs ?? 0, begin - length) }
    : { ...filters, untilMs: Math.min(filters.untilMs ?? Infinity, begin + length) };
}

function equalValues(
  filters: OutcomeFilters,
  column: ValueColumn,
  order: Order,
  after: Keyset,
  limit: number,
  columns: string,
): Query {
  const where = conditions(filters);
  addBehind(where, order, after);
  return where.query(
    `SELECT ${columns} FROM ${OUTCOMES}\nPREWHERE ${column} = ${valueOf(column, 'after_value')}`,
    `${tableOrder(order)} LIMIT {limit:UInt32}`,
    { limit, after_value: after.value },
  );
}

/** The value of the last of `limit` rows beyond the value of `after`, and how many there are. */
function endOfPage(
  filters: OutcomeFilters,
  column: ValueColumn,
  order: Order,
  after: Keyset | undefined,
  limit: number,
): Query {
  const where = beyond(filters, column, order, after);
  const furthest = order === 'desc' ? 'min' : 'max';
  const { sql, params } = where.query(
    `SELECT ${column} AS value FROM ${OUTCOMES}`,
    `ORDER BY ${column} ${order} LIMIT {limit:UInt32}`,
    { limit },
  );
  return { sql: `SELECT ${furthest}(value) AS value, count() AS found FROM (${sql})`, params };
}

function beyondValue(
  filters: OutcomeFilters,
  column: ValueColumn,
  order: Order,
  after: Keyset | undefined,
  limit: number,
  end: number,
  columns: string,
): Query {
  const { where, params } = beyond(filters, column, order, after);
  // Said to come first: few rows have such a value, and few granules by the index of its range.
  const before = `PREWHERE ${column} ${order === 'desc' ? '>' : '<'} ${valueOf(column, 'end')}`;
  const at = `PREWHERE ${column} = ${valueOf(column, 'end')}`;
  const sorted = `ORDER BY ${column} ${order}, time ${order}, auction_id ${order}, imp_id ${order}`;
  const cut = 'LIMIT {limit:UInt32}';
  return {
    sql: `SELECT ${columns} FROM (
SELECT ${columns}, time FROM ${OUTCOMES} ${before}${where}\n${sorted} ${cut}
UNION ALL
SELECT ${columns}, time FROM ${OUTCOMES} ${at}${where}\n${tableOrder(order)} ${cut}
)\n${sorted} ${cut}`,
    params: { ...params, limit, end },
  };
}

type ValueColumn = NonNullable<typeof SORT_COLUMNS[Sorting['sort']]>;

function beyond(
  filters: OutcomeFilters,
  column: ValueColumn,
  order: Order,
  after: Keyset | undefined,
): Conditions {
  const where = conditions(filters);
  if (after) {
    where.add(`${column} ${order === 'desc' ? '<' : '>'} ${valueOf(column, 'after_value')}`, {
      after_value: after.value,
    });
  }
  return where;
}

/** Behind the row in the table's order, forwards or backwards. */
function addBehind(where: Conditions, order: Order, after: Keyset): void {
  const sign = order === 'desc' ? '<' : '>';
  // The first half says nothing new, but it lets whole parts and granules be passed over.
  where.add(`time ${sign}= ${time('after_time')}`, { after_time: after.timeMs });
  where.add(
    `(time, auction_id, imp_id) ${sign} (${
      time('after_time')
    }, {after_id:String}, {after_imp:String})`,
    { after_id: after.auctionId, after_imp: after.impId },
  );
}

function tableOrder(order: Order): string {
  return `ORDER BY time ${order}, auction_id ${order}, imp_id ${order}`;
}

/** Compared as what the column is: a Float32 that is read as a Float64 equals none. */
function valueOf(column: ValueColumn, name: string): string {
  return `{${name}:${column === 'answer_ms' ? 'Float32' : 'UInt64'}}`;
}
