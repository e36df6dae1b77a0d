/** The orders in which outcomes are listed. */

/** What the reader names, and the column it means; `time` is the table's own order. */
export const SORT_COLUMNS = {
  time: undefined,
  price: 'price_micros',
  bid: 'bid_micros',
  floor: 'floor_micros',
  answer_ms: 'answer_ms',
  bids: 'bids',
} as const;
export type Sort = keyof typeof SORT_COLUMNS;
export const SORTS = Object.keys(SORT_COLUMNS) as readonly Sort[];

export const ORDERS = ['asc', 'desc'] as const;
export type Order = typeof ORDERS[number];

/**
 * Rows of equal value follow by time, auction and imp in the same direction, so that every row has
 * one place and a page can go on behind it.
 */
export interface Sorting {
  sort: Sort;
  order: Order;
}

export const NEWEST_FIRST: Sorting = { sort: 'time', order: 'desc' };
