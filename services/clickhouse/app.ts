/**
 * A ClickHouse-compatible HTTP endpoint over the warehouse, so that existing ClickHouse clients
 * connect. On loopback only and behind a token: who may ask here may read and change everything,
 * files of this user included.
 */
import { type Context, Hono } from 'hono';
import type { Log } from '#shared/log.ts';
import type { Route, Service } from '#shared/service.ts';
import { type Warehouse, WarehouseError } from '#shared/warehouse/warehouse.ts';
import { errorAnswer, refusal, resultAnswer } from './answer.ts';
import { BODY_BYTES_MAX, readBody } from './read-body.ts';
import { readStatement } from './statement-request.ts';
import { presentedToken, sameToken } from './token-check.ts';

/** Statements under way; the engine runs one at a time, so more would only wait. */
const STATEMENTS_MAX = 20;
/** ms for the body of a request: rows of a large insert over a slow tunnel. */
const BODY_MS = 60_000;

export interface ClickhouseDependencies {
  warehouse: Warehouse;
  /** The address of the public door is a loopback address; the endpoint exists only then. */
  loopback: boolean;
  port: number;
  token: string;
  log: Log;
  listen(options: {
    fetch: Route;
    host: string;
    port: number;
    setting: string;
    onError(error: unknown): void;
    limits: { requestMs: number };
  }): Promise<{ port: number; close(): Promise<void> }>;
}

export function createClickhouse(dependencies: ClickhouseDependencies): Service {
  const { warehouse, loopback, port, log, listen } = dependencies;
  const app = loopback ? routes(dependencies) : off();
  let listener: { close(): Promise<void> } | undefined;
  return {
    name: 'clickhouse',
    fetch: (request) => app.fetch(request),
    async start() {
      if (!loopback) {
        log.info('sql_off', { reason: 'HOST is not a loopback address' });
        return;
      }
      listener = await listen({
        fetch: (request) => app.fetch(request),
        host: '127.0.0.1',
        port,
        setting: 'CLICKHOUSE_PORT',
        onError: (error) => log.error('sql_failed', { error }),
        limits: { requestMs: BODY_MS },
      });
    },
    async ready() {
      if (loopback) await warehouse.check();
    },
    async close() {
      await listener?.close();
    },
  };
}

function off(): Hono {
  const app = new Hono();
  app.all('*', (c) => c.text('SQL is off: HOST is not a loopback address\n', 403));
  return app;
}

function routes({ warehouse, token, log }: ClickhouseDependencies): Hono {
  const app = new Hono();
  let running = 0;
  for (const path of ['/ping', '/replicas_status']) app.get(path, (c) => c.text('Ok.\n'));
  app.on(['GET', 'POST'], '/', async (c) => {
    const { searchParams } = new URL(c.req.url);
    if (c.req.method === 'GET' && !searchParams.has('query')) return c.text('Ok.\n');
    if (!sameToken(presentedToken(c.req.raw.headers, searchParams), token)) {
      const text = 'Authentication failed: the password is the token in DATA_DIR/sql-token';
      return refusal('AUTHENTICATION_FAILED', text);
    }
    if (running >= STATEMENTS_MAX) {
      return refusal('TOO_MANY_SIMULTANEOUS_QUERIES', `${running} statements wait already`);
    }
    running++;
    try {
      return await answer(c, warehouse);
    } catch (error) {
      if (!(error instanceof WarehouseError)) throw error;
      log.debug('sql_refused', { error });
      return failure(error);
    } finally {
      running--;
    }
  });
  app.all('*', (c) => c.text(`There is no handle ${c.req.path}\n`, 404));
  return app;
}

async function answer(c: Context, warehouse: Warehouse): Promise<Response> {
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
  return resultAnswer(await warehouse.raw(statement), queryId, gzip);
}

function failure({ clickhouseCode, message, code }: WarehouseError): Response {
  // Clients look for ClickHouse's own words at the beginning.
  const at = message.indexOf('Code: ');
  const text = at < 0 ? `Code: ${clickhouseCode}. DB::Exception: ${message}` : message.slice(at);
  return errorAnswer(clickhouseCode, text, code === 'query' ? undefined : 503);
}
