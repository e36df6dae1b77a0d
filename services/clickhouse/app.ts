/**
 * A ClickHouse-compatible HTTP endpoint over the warehouse, so that existing ClickHouse clients
 * connect. Behind a token, and on loopback unless a token is shared on purpose: who may ask here may
 * read and change everything, files of this user included.
 */
import { type Context, Hono } from 'hono';
import type { Log } from '#shared/log.ts';
import type { Route, Service } from '#shared/service.ts';
import { type Lane, laneOf, LANES } from '#shared/warehouse/lanes.ts';
import { type Warehouse, WarehouseError } from '#shared/warehouse/warehouse.ts';
import { errorAnswer, refusal, resultAnswer } from './answer.ts';
import { BODY_BYTES_MAX, readBody } from './read-body.ts';
import { readStatement } from './statement-request.ts';
import { presentedToken, sameToken } from './token-check.ts';

/**
 * Statements under way. The engine runs one at a time in each lane, so more would only wait; reports
 * are those of all dashboards of several processes.
 */
const STATEMENTS_MAX: Record<Lane, number> = {
  inserts: 20,
  reports: 60,
  checks: 20,
  statements: 20,
};
/** ms for the body of a request: rows of a large insert over a slow tunnel. */
const BODY_MS = 60_000;
/** ms for what is asked when the stage closes; the engine ends what goes on. */
const CLOSE_MS = 2_000;
/** Bytes of the query string and headers: parameters travel there. As ClickHouse allows a field. */
const HEADER_BYTES = 128 * 1024;

export interface ClickhouseDependencies {
  warehouse: Warehouse;
  /** Where it listens; undefined: nowhere. */
  host: string | undefined;
  port: number;
  token: string;
  log: Log;
  listen(options: {
    fetch: Route;
    host: string;
    port: number;
    setting: string;
    onError(error: unknown): void;
    limits: { requestMs: number; headerBytes: number };
  }): Promise<{ port: number; close(graceMs?: number): Promise<void> }>;
}

export function createClickhouse(dependencies: ClickhouseDependencies): Service {
  const { warehouse, host, port, log, listen } = dependencies;
  const app = host === undefined ? off() : routes(dependencies);
  let listener: { close(graceMs?: number): Promise<void> } | undefined;
  return {
    name: 'clickhouse',
    fetch: (request) => app.fetch(request),
    async start() {
      if (host === undefined) return log.info('sql_off', { reason: OFF });
      listener = await listen({
        fetch: (request) => app.fetch(request),
        host,
        port,
        setting: 'CLICKHOUSE_PORT',
        onError: (error) => log.error('sql_failed', { error }),
        limits: { requestMs: BODY_MS, headerBytes: HEADER_BYTES },
      });
    },
    async ready() {
      if (host !== undefined) await warehouse.check();
    },
    async close() {
      await listener?.close(CLOSE_MS);
    },
  };
}

function off(): Hono {
  const app = new Hono();
  app.all('*', (c) => c.text(`SQL is off: ${OFF}\n`, 403));
  return app;
}
const OFF = 'HOST is not a loopback address and CLICKHOUSE_TOKEN is not set';

function routes({ warehouse, token, log }: ClickhouseDependencies): Hono {
  const app = new Hono();
  const running = new Map<Lane, number>(LANES.map((lane) => [lane, 0]));
  for (const path of ['/ping', '/replicas_status']) app.get(path, (c) => c.text('Ok.\n'));
  app.on(['GET', 'POST'], '/', async (c) => {
    const { searchParams } = new URL(c.req.url);
    if (c.req.method === 'GET' && !searchParams.has('query')) return c.text('Ok.\n');
    if (!sameToken(presentedToken(c.req.raw.headers, searchParams), token)) {
      const text = 'Authentication failed: the password is CLICKHOUSE_TOKEN or DATA_DIR/sql-token';
      return refusal('AUTHENTICATION_FAILED', text);
    }
    const lane = laneOf(searchParams.get('log_comment') ?? undefined);
    const waiting = running.get(lane)!;
    if (waiting >= STATEMENTS_MAX[lane]) {
      return refusal('TOO_MANY_SIMULTANEOUS_QUERIES', `${waiting} statements wait already`);
    }
    running.set(lane, waiting + 1);
    try {
      return await answer(c, warehouse, lane);
    } catch (error) {
      if (!(error instanceof WarehouseError)) throw error;
      log.debug('sql_refused', { error });
      return failure(error);
    } finally {
      running.set(lane, running.get(lane)! - 1);
    }
  });
  app.all('*', (c) => c.text(`There is no handle ${c.req.path}\n`, 404));
  return app;
}

async function answer(c: Context, warehouse: Warehouse, lane: Lane): Promise<Response> {
  const request = readStatement(c.req.raw, () => crypto.randomUUID());
  if (typeof request === 'string') return refusal('NOT_IMPLEMENTED', request);
  const { statement, queryId, gzip } = request;
  if (c.req.method === 'POST') {
    const body = await readBody(c.req.raw);
    switch (body.kind) {
      case 'too-large':
        return refusal('REQUEST_TOO_LARGE', `The body has more than ${BODY_BYTES_MAX} bytes`);
      case 'unknown-encoding':
        return refusal('NOT_IMPLEMENTED', `Content-Encoding ${body.encoding} is not gzip`);
      case 'broken':
        return refusal('CANNOT_DECOMPRESS', 'The body ended early or is no gzip');
      case 'read':
        if (body.bytes.length > 0) statement.body = body.bytes;
    }
  }
  return resultAnswer(await warehouse.raw({ ...statement, lane }), queryId, gzip);
}

function failure({ clickhouseCode, message, code }: WarehouseError): Response {
  // Clients look for ClickHouse's own words at the beginning.
  const at = message.indexOf('Code: ');
  const text = at < 0 ? `Code: ${clickhouseCode}. DB::Exception: ${message}` : message.slice(at);
  return errorAnswer(clickhouseCode, text, code === 'query' ? undefined : 503);
}
