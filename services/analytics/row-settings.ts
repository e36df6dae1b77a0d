/** How ClickHouse is to go about statements that answer with rows. */
import type { OutcomeFilters } from './filters.ts';
import { togetherBy } from './together.ts';

/**
 * Of rows that lie anywhere: a projection that happens to have their columns has no index of prices,
 * and would be read whole.
 */
const ANYWHERE = 'optimize_use_projections = 0';
/**
 * Where few granules are read, a second thread reads some in vain, and asking indexes granule by granule
 * costs more than asking them once: together a quarter to a half of the CPU.
 */
const FEW = 'max_threads = 1, use_skip_indexes_on_data_read = 0';

/** Ends a statement that reads rows by their times or their values. */
export function rowSettings(filters: OutcomeFilters): string {
  return `\nSETTINGS ${togetherBy(filters) === undefined ? `${ANYWHERE}, ` : ''}${FEW}`;
}

/** Ends a statement that looks for the highest values: there an index must be asked while it is read. */
export function searchSettings(filters: OutcomeFilters): string {
  return togetherBy(filters) === undefined ? `\nSETTINGS ${ANYWHERE}` : '';
}
