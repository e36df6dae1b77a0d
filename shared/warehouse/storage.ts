/**
 * How tables lie on the disk. Settings an older table lacks are given to it by `renew-outcomes.ts`, but
 * for the granules, which it has for good.
 */

/**
 * Merges take a dozen parts of a size rather than five: a row is merged half as often, and some more
 * parts are open.
 */
export const MERGES = 'merge_selector_base = 12';

/**
 * Of every table.
 * - 1000 blocks have their tokens remembered: a retry comes within seconds, this is a quarter of
 *   an hour of them.
 * - Parts stay in one file until 64 MiB: 38 columns in a file each cost a fifth more per merge.
 */
export const STORAGE =
  `non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 67108864, ${MERGES}`;

/** How often parts that were merged are looked for, s; by default every 30 to 300. */
const CLEANING = [
  'cleanup_delay_period = 10',
  'cleanup_delay_period_random_add = 2',
  'max_cleanup_delay_period = 20',
] as const;

/**
 * Of what must not be lost, as an older table can be given it: an insert lies on the disk when it is answered,
 * as its records count as stored from then on. Merges do not wait for it, which would make every append of the
 * journal wait, too: what they merged is kept for two minutes, four times as long as Linux leaves data
 * unwritten. By default that is eight: a part takes some 50 kB of memory, and under load there is a new one
 * every second.
 */
export const LEDGER_SETTINGS = [
  'fsync_after_insert = 1',
  'fsync_part_directory = 1',
  'old_parts_lifetime = 120',
  ...CLEANING,
] as const;

/** For the DDL of a new table. */
export const LEDGER_STORAGE = LEDGER_SETTINGS.join(', ');

/**
 * Of outcomes, as an older table can be given it.
 * - After a merge a projection is made anew: it must not count rows the merge dropped.
 * - A page has rows of many granules, and reads a block of each column for each: both are small.
 */
export const OUTCOME_SETTINGS = [
  `deduplicate_merge_projection_mode = 'rebuild'`,
  'materialize_projections_on_insert = 0',
  'materialize_projections_on_merge = 1',
  'min_compress_block_size = 16384',
] as const;

/**
 * Of details, as an older table can be given it.
 * - A merge holds a block of this many bytes of each of a dozen parts. With the default of 10 MB each
 *   merge took 300 MB for some seconds, all of it fresh.
 * - What was merged goes after a minute: nobody relies on details after a power cut.
 */
export const DETAIL_SETTINGS = [
  'merge_max_block_size_bytes = 2097152',
  'old_parts_lifetime = 60',
  ...CLEANING,
] as const;

/** Bytes of a granule of details, which merges hold whole and a page reads for one auction. */
const DETAIL_GRANULE_BYTES = 1_048_576;

/** For the DDL of a new table of details. */
export const DETAIL_STORAGE = [
  ...DETAIL_SETTINGS,
  `index_granularity_bytes = ${DETAIL_GRANULE_BYTES}`,
].join(', ');

/** Rows of a granule. */
const GRANULE_ROWS = 1_024;

/** For the DDL of a new table of outcomes. */
export const OUTCOME_STORAGE = [...OUTCOME_SETTINGS, `index_granularity = ${GRANULE_ROWS}`].join(
  ', ',
);
