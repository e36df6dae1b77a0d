/** The filters of `/auctions` as the URL carries them, which are the API's own: pure. */
import type { OutcomeAnswer } from './answers.ts';

const FILTERS = [
  'request_id',
  'user_id',
  'site_domain',
  'win_status',
  'enriched',
  'min_price',
  'max_price',
  'seat',
  'campaign',
  'since',
  'until',
] as const;
export type FilterName = (typeof FILTERS)[number];

const SORTS = ['time', 'price', 'bid', 'floor', 'bids', 'answer_ms'] as const;
export type SortName = (typeof SORTS)[number];

/** Ranges a person picks by name; `range` in the URL stays true when the link is opened later. */
export const RANGES = {
  '': { name: 'All time', ms: undefined },
  '15m': { name: '15 min', ms: 15 * 60_000 },
  '1h': { name: '1 hour', ms: 3_600_000 },
  '24h': { name: '24 hours', ms: 24 * 3_600_000 },
  '7d': { name: '7 days', ms: 7 * 24 * 3_600_000 },
} as const;
export type RangeName = keyof typeof RANGES;

export type Search = Partial<Record<FilterName | 'sort' | 'order' | 'range', string>>;

/** What a row of the list shows; the warehouse reads no more than this. */
export const PAGE_FIELDS = [
  'auction_id',
  'time',
  'imp_id',
  'site_domain',
  'user_id',
  'test',
  'win_status',
  'seat',
  'campaign',
  'floor',
  'bid_price',
  'price',
  'currency',
  'bids',
  'answer_ms',
] as const satisfies (keyof OutcomeAnswer)[];

/** The query of the API: filters only, or with order and page. */
export function filterQuery(search: Search, now: number): URLSearchParams {
  const query = new URLSearchParams();
  for (const name of FILTERS) {
    const value = search[name]?.trim();
    if (value) query.set(name, value);
  }
  const range = RANGES[(search.range ?? '') as RangeName]?.ms;
  if (range !== undefined && !query.has('since')) {
    query.set('since', new Date(now - range).toISOString());
  }
  return query;
}

export function pageQuery(
  search: Search,
  now: number,
  page: { limit: number; cursor?: string },
): URLSearchParams {
  const query = filterQuery(search, now);
  const sort = sortOf(search);
  if (sort !== 'time' || search.order === 'asc') {
    query.set('sort', sort);
    query.set('order', orderOf(search));
  }
  query.set('limit', String(page.limit));
  query.set('fields', PAGE_FIELDS.join(','));
  if (page.cursor) query.set('cursor', page.cursor);
  return query;
}

export function sortOf(search: Search): SortName {
  return SORTS.find((name) => name === search.sort) ?? 'time';
}

export function orderOf(search: Search): 'asc' | 'desc' {
  return search.order === 'asc' ? 'asc' : 'desc';
}

/** Filters that narrow the list, for the count on the button that clears them. */
export function filtersSet(search: Search): number {
  return FILTERS.filter((name) => search[name]?.trim()).length + (search.range ? 1 : 0);
}
