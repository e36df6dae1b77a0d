/**
 * Pages of outcomes in any order. By time they are read in the table's order. By a value, reading
 * all sorting columns of every row would cost a second; instead the rows that share the value where
 * the last page ended come first, in the table's order, and then those beyond it: the value where
 * this page will end is found by that column alone, so that few rows are read whole.
 */
import { OUTCOMES } from '#shared/warehouse/tables.ts';
import { conditions, type Query, time } from './conditions.ts';
import { columnsOf as filterColumns } from './filter-columns.ts';
import type { OutcomeFilters, Page } from './filters.ts';
import { columnsBehind } from './outcome-fields.ts';
import { addBehind, tableOrder } from './page-order.ts';
import { OUTCOME_COLUMNS, type StoredOutcome } from './queries.ts';
import { rowSettings } from './row-settings.ts';
import { NEWEST_FIRST, type Order, SORT_COLUMNS, type Sorting } from './sorting.ts';
import { addTimes, isTogether, togetherBy } from './together.ts';
import { beyondValue, endOfPage, equalValues } from './value-pages.ts';

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
  const findEnd = async (nearby: boolean): Promise<EndOfPage | undefined> =>
    (await ask<EndOfPage>(endOfPage(filters, column, order, after, rest, nearby)))[0];
  let end = !after && isFiltered(filters) ? await findEnd(true) : undefined;
  if (end?.found !== rest) end = await findEnd(false);
  if (!end || end.found === 0 || end.value === null) return rows;
  return [
    ...rows,
    ...await ask<StoredOutcome>(
      beyondValue(filters, column, order, after, rest, end.value, columns),
    ),
  ];
}

interface EndOfPage {
  value: number | null;
  found: number;
}

/** By more than a begin and prices, of rows that lie anywhere. */
function isFiltered(filters: OutcomeFilters): boolean {
  return togetherBy(filters) === undefined && filters.sinceMs === undefined &&
    filterColumns(filters).some((name) => name !== 'price_micros');
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
    `${tableOrder(order)} LIMIT {limit:UInt32}${rowSettings(filters)}`,
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
  // An index names the granules of a request: to find its times first would ask it twice.
  if (filters.requestId !== undefined) return outcomePage(filters, page);
  const where = conditions(filters);
  if (page.after) addBehind(where, order, page.after);
  // A user's rows are few: where their projection does not know which of them are meant, it names all.
  if (filters.userId !== undefined && !isTogether(filters)) addTimes(where, filters);
  else where.add(`time IN (${timesOfPage(filters, page, order)})`);
  return where.query(
    `SELECT ${columnsOf(page)} FROM ${OUTCOMES}`,
    `${tableOrder(order)} LIMIT {limit:UInt32}${rowSettings(filters)}`,
    { limit: page.limit },
  );
}

function timesOfPage(filters: OutcomeFilters, { after }: Page, order: Order): string {
  const found = conditions(filters);
  // Of the rows at the very time of the cursor, a projection does not know which are behind it.
  if (after) found.add(`time ${order === 'desc' ? '<' : '>'} ${time('after_time')}`);
  const { sql } = found.query(
    `SELECT time FROM ${OUTCOMES}`,
    `ORDER BY time ${order} LIMIT {limit:UInt32}`,
  );
  return after ? `SELECT ${time('after_time')} UNION ALL SELECT * FROM (${sql})` : sql;
}

/** The columns of the fields asked for, and those the next page begins with. */
function columnsOf({ fields, sorting }: Page): string {
  if (fields === undefined) return OUTCOME_COLUMNS.join(', ');
  const sorted = SORT_COLUMNS[(sorting ?? NEWEST_FIRST).sort] ?? 'auction_id';
  return [...new Set(['auction_id', 'imp_id', sorted, ...columnsBehind(fields)])].join(', ');
}

/**
 * The filters with a span at the begin of the page; rows that lie together are found faster, and those
 * of a request are fewer than a page.
 */
function nearby(filters: OutcomeFilters, page: Page, now: number): OutcomeFilters | undefined {
  if (togetherBy(filters) === 'user_id' || isTogether(filters)) return undefined;
  if (filters.requestId !== undefined) return undefined;
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
