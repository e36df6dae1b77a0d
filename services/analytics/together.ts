/** Which rows lie together, although the table has them by time: those of a user, and of a site. */
import { ROWS_BY } from '#shared/warehouse/outcome-projections.ts';
import type { OutcomeFilters } from './filters.ts';
import { columnsOf } from './roll-ups.ts';

/** The column by which a projection has the rows together; a user has fewer than a site. */
export function togetherBy(filters: OutcomeFilters): keyof typeof ROWS_BY | undefined {
  if (filters.userId !== undefined) return 'user_id';
  return filters.siteDomain === undefined ? undefined : 'site_domain';
}

/** Whether that projection has every column the filters name. */
export function isTogether(filters: OutcomeFilters): boolean {
  const by = togetherBy(filters);
  if (by === undefined) return false;
  const kept: readonly string[] = ROWS_BY[by];
  return columnsOf(filters).every((name) => kept.includes(name));
}
