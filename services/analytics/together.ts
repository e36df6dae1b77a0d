/**
 * Rows that lie together in a projection, although the table has them by time: those of a user, and of
 * a site.
 */
import { ROWS_BY } from '#shared/warehouse/outcome-projections.ts';
import { OUTCOMES } from '#shared/warehouse/tables.ts';
import { type Conditions, conditions } from './conditions.ts';
import type { OutcomeFilters } from './filters.ts';
import { type Column, columnsOf } from './filter-columns.ts';

/** The column by which a projection has the rows together; a user has fewer than a site. */
export function togetherBy(filters: OutcomeFilters): keyof typeof ROWS_BY | undefined {
  if (filters.userId !== undefined) return 'user_id';
  return filters.siteDomain === undefined ? undefined : 'site_domain';
}

/** Whether that projection has every column the filters name, and these. */
export function isTogether(filters: OutcomeFilters, columns: readonly string[] = []): boolean {
  const by = togetherBy(filters);
  if (by === undefined) return false;
  const kept: readonly string[] = ROWS_BY[by];
  return [...columnsOf(filters), ...columns].every((name) => kept.includes(name));
}

/**
 * The conditions of the filters; of a user also that the time is one of theirs, so that the columns the
 * projection lacks are read where it has a row.
 */
export function rowConditions(filters: OutcomeFilters): Conditions {
  const where = conditions(filters);
  if (filters.userId !== undefined) addTimes(where, filters);
  return where;
}

/** As {@link rowConditions}, of a site too. @param more what else holds for the rows, if it is known. */
export function addTimes(where: Conditions, filters: OutcomeFilters, more?: string): void {
  const by = togetherBy(filters);
  if (by === undefined) return;
  const kept: readonly string[] = ROWS_BY[by];
  const narrow = conditions(
    onlyOf(filters, columnsOf(filters).filter((name) => kept.includes(name))),
  );
  if (more !== undefined) narrow.add(more);
  where.add(`time IN (SELECT time FROM ${OUTCOMES}${narrow.where})`, narrow.params);
}

/** The span, and what is said of these columns. */
function onlyOf(filters: OutcomeFilters, columns: readonly Column[]): OutcomeFilters {
  const has = (name: Column): boolean => columns.includes(name);
  const { sinceMs, untilMs } = filters;
  return {
    sinceMs,
    untilMs,
    ...(has('user_id') && { userId: filters.userId }),
    ...(has('site_domain') && { siteDomain: filters.siteDomain }),
    ...(has('win_status') && { winStatus: filters.winStatus }),
    ...(has('enriched') && { enriched: filters.enriched }),
    ...(has('seat') && { seat: filters.seat }),
    ...(has('campaign_id') && { campaign: filters.campaign }),
    ...(has('price_micros') && {
      minPriceMicros: filters.minPriceMicros,
      maxPriceMicros: filters.maxPriceMicros,
    }),
  };
}
