/** The query string and headers of ClickHouse's HTTP interface: https://clickhouse.com/docs/interfaces/http */
import type { RawStatement } from '#shared/warehouse/warehouse.ts';

export interface StatementRequest {
  queryId: string;
  /** Without the body. */
  statement: RawStatement;
  /** The answer may be sent as gzip. */
  gzip: boolean;
}

/** Named by clients and without meaning here: one user, no sessions, an answer that is whole when it is sent. */
const IGNORED: ReadonlySet<string> = new Set([
  'user',
  'password',
  'quota_key',
  'role',
  'session_id',
  'session_timeout',
  'session_check',
  'client_protocol_version',
  'buffer_size',
  'wait_end_of_query',
  'http_wait_end_of_query',
  'http_response_buffer_size',
  'send_progress_in_http_headers',
  'http_headers_progress_interval_ms',
  'http_zlib_compression_level',
  'stacktrace',
]);
const READ: ReadonlySet<string> = new Set([
  'query',
  'query_id',
  'database',
  'default_format',
  'enable_http_compression',
]);
const OFF: ReadonlySet<string> = new Set(['0', 'false', '']);

/**
 * Every parameter that is no other thing is a setting, as in ClickHouse; one it does not know is
 * refused by name. @returns a text that says what cannot be done.
 */
export function readStatement(request: Request, newId: () => string): StatementRequest | string {
  const { searchParams: search } = new URL(request.url);
  const { headers } = request;
  // Its text would be taken for a statement.
  if (/^multipart\//i.test(headers.get('content-type') ?? '')) {
    return 'multipart/form-data is not supported here: send parameters in the query string';
  }
  const settings: Record<string, string> = {};
  const params: Record<string, string> = {};
  for (const [name, value] of search) {
    if (IGNORED.has(name) || READ.has(name)) continue;
    if (name.startsWith('param_')) params[name.slice('param_'.length)] = value;
    else if (name === 'compress' || name === 'decompress') {
      // Its clients take what comes for blocks of ClickHouse's own compression.
      if (!OFF.has(value)) return `${name}=${value} is not supported here: use gzip over HTTP`;
    } else settings[name] = value;
  }
  // As in ClickHouse: a GET, which any page can make a browser send, changes nothing.
  if (request.method !== 'POST') settings.readonly = '2';
  const database = search.get('database') ?? headers.get('x-clickhouse-database');
  return {
    queryId: search.get('query_id') || newId(),
    statement: {
      sql: search.get('query') ?? '',
      settings,
      params,
      defaultFormat: search.get('default_format') ?? headers.get('x-clickhouse-format') ??
        'TabSeparated',
      ...(database && { database }),
    },
    gzip: !OFF.has(search.get('enable_http_compression') ?? '') &&
      /\bgzip\b/i.test(headers.get('accept-encoding') ?? ''),
  };
}
