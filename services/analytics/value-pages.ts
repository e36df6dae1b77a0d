/** The statements behind a page that is sorted by a value: see listing.ts. */
import { OUTCOMES } from '#shared/warehouse/tables.ts';
import { type Conditions, conditions, type Query } from './conditions.ts';
import type { Keyset } from './cursor.ts';
import type { OutcomeFilters } from './filters.ts';
import { addBehind, tableOrder } from './page-order.ts';
import { rowSettings, searchSettings } from './row-settings.ts';
import type { Order, SORT_COLUMNS, Sorting } from './sorting.ts';
import { addTimes, isTogether, rowConditions, togetherBy } from './together.ts';

/** A filter that lets one row in eight through has its page within so many others. */
const NEARBY_PAGES = 8;

export type ValueColumn = NonNullable<typeof SORT_COLUMNS[Sorting['sort']]>;

/** Rows that share the value of the cursor, behind it. */
export function equalValues(
  filters: OutcomeFilters,
  column: ValueColumn,
  order: Order,
  after: Keyset,
  limit: number,
  columns: string,
): Query {
  const where = conditions(filters);
  addBehind(where, order, after);
  const from = fromValue(where, filters, column, `= ${valueOf(column, 'after_value')}`);
  return {
    sql: `SELECT ${columns} FROM ${from}\n${tableOrder(order)} LIMIT {limit:UInt32}${
      rowSettings(filters)
    }`,
    params: { ...where.params, limit, after_value: after.value },
  };
}

/**
 * The value of the last of `limit` rows beyond the value of `after`, and how many there are.
 * @param nearby looks only as far as the first pages without the filters go; where it finds fewer than
 * `limit`, it says nothing of those further on.
 */
export function endOfPage(
  filters: OutcomeFilters,
  column: ValueColumn,
  order: Order,
  after: Keyset | undefined,
  limit: number,
  nearby = false,
): Query {
  const where = isTogether(filters, [column]) ? conditions(filters) : rowConditions(filters);
  addBeyond(where, column, order, after);
  const furthest = order === 'desc' ? 'min' : 'max';
  if (nearby) {
    // Without a condition of its own, which is what the index of the range answers at once.
    const values = `SELECT ${column} AS value FROM ${OUTCOMES}
      ORDER BY ${column} ${order} LIMIT ${limit * NEARBY_PAGES}`;
    where.add(
      `${column} ${order === 'desc' ? '>=' : '<='} (SELECT ${furthest}(value) FROM (${values}))`,
    );
  }
  const { sql, params } = where.query(
    `SELECT ${column} AS value FROM ${OUTCOMES}`,
    `ORDER BY ${column} ${order} LIMIT {limit:UInt32}`,
    { limit },
  );
  const settings = nearby ? rowSettings(filters) : searchSettings(filters);
  return {
    sql: `SELECT ${furthest}(value) AS value, count() AS found FROM (${sql})${settings}`,
    params,
  };
}

/** Rows beyond the value of `after`, as far as the value `end`. */
export function beyondValue(
  filters: OutcomeFilters,
  column: ValueColumn,
  order: Order,
  after: Keyset | undefined,
  limit: number,
  end: number,
  columns: string,
): Query {
  const params: Record<string, unknown> = { limit, end };
  const from = (comparison: string): string => {
    const where = conditions(filters);
    addBeyond(where, column, order, after);
    const text = fromValue(where, filters, column, `${comparison} ${valueOf(column, 'end')}`);
    Object.assign(params, where.params);
    return text;
  };
  const sorted = `ORDER BY ${column} ${order}, time ${order}, auction_id ${order}, imp_id ${order}`;
  const cut = 'LIMIT {limit:UInt32}';
  return {
    sql: `SELECT ${columns} FROM (
SELECT ${columns}, time FROM ${from(order === 'desc' ? '>' : '<')}\n${sorted} ${cut}
UNION ALL
SELECT ${columns}, time FROM ${from('=')}\n${tableOrder(order)} ${cut}
)\n${sorted} ${cut}${rowSettings(filters)}`,
    params,
  };
}

/**
 * The table, the comparison of the column and the other conditions. Few rows have such a value: they are
 * looked for first, by the index of its range, or among the rows that lie together.
 */
function fromValue(
  where: Conditions,
  filters: OutcomeFilters,
  column: ValueColumn,
  comparison: string,
): string {
  const meant = `${column} ${comparison}`;
  if (togetherBy(filters) === undefined) return `${OUTCOMES}\nPREWHERE ${meant}${where.where}`;
  addTimes(where, filters, isTogether(filters, [column]) ? meant : undefined);
  where.add(meant);
  return `${OUTCOMES}${where.where}`;
}

function addBeyond(
  where: Conditions,
  column: ValueColumn,
  order: Order,
  after: Keyset | undefined,
): void {
  if (!after) return;
  where.add(`${column} ${order === 'desc' ? '<' : '>'} ${valueOf(column, 'after_value')}`, {
    after_value: after.value,
  });
}

/** Compared as what the column is: a Float32 that is read as a Float64 equals none. */
function valueOf(column: ValueColumn, name: string): string {
  return `{${name}:${column === 'answer_ms' ? 'Float32' : 'UInt64'}}`;
}
