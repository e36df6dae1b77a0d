/**
 * A ClickHouse-compatible HTTP endpoint over the warehouse, so that existing ClickHouse clients
 * connect. On loopback only and behind a token: whoever may ask here may read and change everything.
 */
import { gunzipSync } from 'node:zlib';
import { Hono } from 'hono';
import type { Log } from '#shared/log.ts';
import type { Route, Service } from '#shared/service.ts';
import { type Warehouse, WarehouseError } from '#shared/warehouse/warehouse.ts';
import { presentedToken, sameToken } from './token-check.ts';

/** Largest body, as sent and as inflated; a client's insert of 100,000 rows has about 50 MB. */
const BODY_BYTES_MAX = 128 * 1024 * 1024;
/** Of what `Authentication failed` is called by ClickHouse. */
const AUTHENTICATION_FAILED = 516;
/** Parameters of the HTTP interface itself; every other one without `param_` is a setting. */
const RESERVED = new Set([
  'query',
  'database',
  'default_format',
  'user',
  'password',
  'query_id',
  'session_id',
  'session_timeout',
  'session_check',
  'compress',
  'decompress',
  'enable_http_compression',
  'quota_key',
  'role',
  'client_protocol_version',
  'wait_end_of_query',
  'buffer_size',
  'send_progress_in_http_headers',
  'http_headers_progress_interval_ms',
]);

export interface ClickhouseDependencies {
  warehouse: Warehouse;
  /** The address of the public door; the endpoint exists only when that is a loopback address. */
  loopback: boolean;
  port: number;
  token: string;
  log: Log;
  listen(options: {
    fetch: Route;
    host: string;
    port: number;
    setting: string;
  }): Promise<{ port: number; close(): Promise<void> }>;
}

export function createClickhouse(dependencies: ClickhouseDependencies): Service {
  const { warehouse, loopback, port, log, listen } = dependencies;
  const app = clickhouseRoutes(dependencies);
  let listener: { close(): Promise<void> } | undefined;
  return {
    name: 'clickhouse',
    fetch: (request) => app.fetch(request),
    async start() {
      if (!loopback) {
        log.info('sql_off', { reason: 'HOST is not a loopback address' });
        return;
      }
      const fetch: Route = (request) => app.fetch(request);
      listener = await listen({ fetch, host: '127.0.0.1', port, setting: 'CLICKHOUSE_PORT' });
    },
    ready: () => warehouse.check(),
    async close() {
      await listener?.close();
    },
  };
}

function clickhouseRoutes({ warehouse, token }: ClickhouseDependencies): Hono {
  const app = new Hono();
  app.get('/ping', (c) => c.text('Ok.\n'));
  app.on(['GET', 'POST'], '/', async (c) => {
    const { searchParams } = new URL(c.req.url);
    if (!sameToken(presentedToken(c.req.raw.headers, searchParams), token)) {
      const text =
        `Code: ${AUTHENTICATION_FAILED}. DB::Exception: default: Authentication failed: ` +
        'the password is the token in DATA_DIR/sql-token. (AUTHENTICATION_FAILED)';
      return failure(AUTHENTICATION_FAILED, text, 401);
    }
    const queryId = searchParams.get('query_id') ?? crypto.randomUUID();
    try {
      const statement = await statementOf(c.req.raw, searchParams);
      const result = await warehouse.raw(statement);
      const rows = String(result.rows);
      return new Response(result.bytes, {
        headers: {
          'content-type': contentType(result.format),
          'x-clickhouse-format': result.format,
          'x-clickhouse-query-id': queryId,
          'x-clickhouse-timezone': 'UTC',
          'x-clickhouse-summary': JSON.stringify({
            read_rows: rows,
            written_rows: rows,
            result_rows: rows,
            elapsed_ns: String(Math.round(result.elapsedMs * 1e6)),
          }),
        },
      });
    } catch (error) {
      if (error instanceof TooLarge) return failure(0, error.message, 413);
      if (!(error instanceof WarehouseError)) throw error;
      return failure(error.clickhouseCode, error.message, error.code === 'query' ? 400 : 503);
    }
  });
  app.all('*', (c) => c.text(`There is no handle ${c.req.path}`, 404));
  return app;
}

class TooLarge extends Error {}

/** The statement is in `query`, in the body, or begins in the one and goes on in the other. */
async function statementOf(request: Request, search: URLSearchParams) {
  const query = search.get('query') ?? '';
  const body = request.method === 'POST' ? await bodyOf(request) : new Uint8Array();
  const settings: Record<string, string> = {};
  const params: Record<string, string> = {};
  for (const [name, value] of search) {
    if (name.startsWith('param_')) params[name.slice('param_'.length)] = value;
    else if (!RESERVED.has(name)) settings[name] = value;
  }
  const database = search.get('database') ?? request.headers.get('x-clickhouse-database');
  return {
    ...(query === ''
      ? { sql: new TextDecoder().decode(body) }
      : { sql: query, ...(body.length > 0 && { body }) }),
    settings,
    params,
    defaultFormat: search.get('default_format') ?? request.headers.get('x-clickhouse-format') ??
      'TabSeparated',
    ...(database && { database }),
  };
}

async function bodyOf(request: Request): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.body ?? []) {
    length += chunk.length;
    if (length > BODY_BYTES_MAX) {
      throw new TooLarge(`The body is larger than ${BODY_BYTES_MAX} bytes`);
    }
    chunks.push(chunk);
  }
  const bytes = concatenated(chunks, length);
  if (request.headers.get('content-encoding') !== 'gzip') return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: BODY_BYTES_MAX });
  } catch (cause) {
    throw new WarehouseError(
      'query',
      'Code: 354. DB::Exception: The body is no gzip or too large inflated',
      {
        cause,
        clickhouseCode: 354,
      },
    );
  }
}

function concatenated(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

function failure(code: number, text: string, status: number): Response {
  return new Response(text + '\n', {
    status,
    headers: {
      'content-type': 'text/plain; charset=UTF-8',
      'x-clickhouse-exception-code': String(code),
      ...(status === 401 && { 'www-authenticate': 'Basic realm="ClickHouse"' }),
    },
  });
}

function contentType(format: string): string {
  if (format === 'JSON' || format === 'JSONCompact') return 'application/json; charset=UTF-8';
  if (format.startsWith('JSON')) return 'application/x-ndjson; charset=UTF-8';
  if (format.startsWith('CSV')) return 'text/csv; charset=UTF-8; header=absent';
  if (format.startsWith('TabSeparated') || format.startsWith('TSV')) {
    return 'text/tab-separated-values; charset=UTF-8';
  }
  return 'text/plain; charset=UTF-8';
}
