/** The settings ClickHouse works by for us, in process and on a server alike. */
import { MERGED_INDEXES } from './outcome-projections.ts';

export type Settings = Readonly<Record<string, string | number>>;

/** Bytes of one result; beyond it belongs into a file. */
export const RESULT_BYTES_MAX = 64 * 1024 * 1024;
/** Bytes one query may use: a laptop has other things to do with the rest. */
const QUERY_MEMORY_BYTES = 1024 * 1024 * 1024;
/** s a report may take: whoever opened a page has left by then. */
const REPORT_S = 30;
/** s a statement of a person may take, unless it says otherwise. */
export const STATEMENT_S = 60;

/**
 * One thread and no second look at rows that arrive in order: the least CPU per row. Not
 * asynchronous: a token only counts for rows that are stored when the insert is answered.
 */
export const INSERTING: Settings = {
  session_timezone: 'UTC',
  async_insert: 0,
  max_threads: 1,
  max_insert_threads: 1,
  input_format_parallel_parsing: 0,
  optimize_on_insert: 0,
  exclude_materialize_skip_indexes_on_insert: MERGED_INDEXES.join(', '),
};

/** Results come as one JSON array. */
export const QUERYING: Settings = {
  session_timezone: 'UTC',
  max_threads: 2,
  max_execution_time: REPORT_S,
  max_memory_usage: QUERY_MEMORY_BYTES,
  max_result_bytes: RESULT_BYTES_MAX,
  output_format_json_array_of_rows: 1,
  output_format_json_quote_64bit_integers: 0,
  output_format_json_quote_denormals: 0,
};

/** For statements of people; what they SET themselves comes after. */
export const ASKING: Settings = {
  session_timezone: 'UTC',
  max_threads: 2,
  max_execution_time: STATEMENT_S,
  max_memory_usage: QUERY_MEMORY_BYTES,
  max_result_bytes: RESULT_BYTES_MAX,
  async_insert: 0,
  input_format_parallel_parsing: 0,
  output_format_json_quote_64bit_integers: 0,
  implicit_select: 0,
};
