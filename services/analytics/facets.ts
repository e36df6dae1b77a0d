/** What there is to filter by: the values seen most often, for menus. */
import type { Query } from './conditions.ts';
import type { Column } from './filter-columns.ts';
import type { OutcomeFilters } from './filters.ts';
import { sums } from './roll-ups.ts';

/** Values of one menu. */
const FACET_VALUES_MAX = 50;

/** The menus and the columns behind them. */
export const FACETS = {
  seats: 'seat',
  campaigns: 'campaign_id',
  sites: 'site_domain',
} as const satisfies Record<string, Column>;

export interface FacetRow {
  value: string;
  /** Imps. */
  count: number;
}

/** `GET /api/outcomes/facets`: the span, and a menu each. */
export type MenusAnswer =
  & { since: string | null; until: string | null }
  & Record<keyof typeof FACETS, FacetRow[]>;

/** The values of a column within the filters, most frequent first; imps without one are left out. */
export function facetQuery(filters: OutcomeFilters, column: Column): Query {
  const { sql, params } = sums(filters, [column], 'count() AS n');
  return {
    sql: `SELECT ${column} AS value, sum(n) AS count FROM (${sql})
WHERE value != '' GROUP BY value ORDER BY count DESC, value LIMIT ${FACET_VALUES_MAX}`,
    params,
  };
}
