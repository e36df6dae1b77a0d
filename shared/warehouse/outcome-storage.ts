/**
 * How `outcomes` lies on the disk. Settings an older table lacks are given to it by
 * `renew-outcomes.ts`, but for the granules, which it has for good.
 */

/**
 * - After a merge a projection is made anew: it must not count rows the merge dropped.
 * - A page has rows of many granules, and reads a block of each column for each: both are small.
 */
const SETTINGS = {
  deduplicate_merge_projection_mode: `'rebuild'`,
  materialize_projections_on_insert: '0',
  materialize_projections_on_merge: '1',
  min_compress_block_size: '16384',
} as const;

/** Rows of a granule. */
const GRANULE_ROWS = 1_024;

const texts = Object.entries(SETTINGS).map(([name, value]) => `${name} = ${value}`);

/** For the DDL of a new table. */
export const OUTCOME_STORAGE = [...texts, `index_granularity = ${GRANULE_ROWS}`].join(', ');
/** What an older table can be given, as `SHOW CREATE` writes it. */
export const OUTCOME_SETTINGS: readonly string[] = texts;
