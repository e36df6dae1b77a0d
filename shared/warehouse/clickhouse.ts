/**
 * The warehouse on a server, over HTTP: ClickHouse, or the `clickhouse` stage of another process.
 * One that is away is waited for: calls reject soon with `unavailable` and work again by themselves.
 */
import { Readable } from 'node:stream';
import {
  type ClickHouseClient,
  ClickHouseLogLevel,
  type ClickHouseSettings,
  createClient,
} from '@clickhouse/client';
import { within } from '../model/within.ts';
import { isTold, serverFailure } from './clickhouse-failure.ts';
import { type ClickhouseAddress, parseClickhouseUrl } from './warehouse-url.ts';
import { ASKING, INSERTING, QUERYING, type Settings, STATEMENT_S } from './engine-settings.ts';
import { commentOf, type Lane } from './lanes.ts';
import { rowPieces } from './row-pieces.ts';
import { insertText } from './rows-into.ts';
import { type RawResult, type RawStatement, type Warehouse, WarehouseError } from './warehouse.ts';

/** ms for one answer: longer than the server gives itself, so that its own words arrive. */
const REQUEST_MS = (STATEMENT_S + 15) * 1_000;
/** ms for the answer to a check: readiness is asked with 2 s of patience. */
const CHECK_MS = 1_500;
/** ms for what is under way when the warehouse closes: who insists on a row has given it up by then. */
const CLOSE_MS = 500;
/** Connections at a time, so that reports hold up no insert. More wait for their turn. */
const CONNECTIONS: Record<Lane, number> = { inserts: 4, reports: 8, checks: 1, statements: 8 };
export interface ClickhouseOptions {
  /** See {@link parseClickhouseUrl}. */
  url: string;
  /** Told once each time the server goes away. */
  onError(error: Error): void;
}

/** @throws {WarehouseError} for a wrong `url` only: a server that is not there yet is waited for. */
export async function createClickhouseWarehouse(options: ClickhouseOptions): Promise<Warehouse> {
  const address = parseClickhouseUrl(options.url);
  if (typeof address === 'string') {
    throw new WarehouseError('unavailable', `Cannot use the address of ClickHouse: ${address}`);
  }
  const server = new Server(address, options.onError);
  return {
    async insert(table, rows, token, columns) {
      if (rows.length === 0) return server.assertOpen();
      const { head, format } = insertText({ table, columns });
      await server.ask('inserts', async (client, settings) => {
        const { stream } = await client.exec({
          query: `${head} ${format}`,
          values: Readable.from(rowPieces(rows), { objectMode: false }),
          clickhouse_settings: settings({ ...INSERTING, insert_deduplication_token: token }),
        });
        await bytesOf(stream);
      });
    },
    query: <Row>(query: string, params = {}) =>
      server.ask('reports', async (client, settings) => {
        const answer = await client.query({
          query,
          query_params: params,
          format: 'JSONEachRow',
          clickhouse_settings: settings(QUERYING),
        });
        return JSON.parse(await answer.text() || '[]') as Row[];
      }),
    command: (query) =>
      server.ask('inserts', async (client, settings) => {
        await client.command({ query, clickhouse_settings: settings(INSERTING) });
      }),
    raw: (statement) =>
      server.ask(
        statement.lane ?? 'statements',
        (client, settings) => raw(client, settings, statement),
      ),
    check: () => server.check(),
    close: () => server.close(),
  };
}

type Complete = (settings: Settings) => ClickHouseSettings;

/** The connections to one server, and what is known of it. */
class Server {
  readonly #address: ClickhouseAddress;
  readonly #onError: (error: Error) => void;
  readonly #clients = new Map<Lane, ClickHouseClient>();
  readonly #pending = new Set<Promise<unknown>>();
  #database: Promise<void> | undefined;
  #away = false;
  #closed: Promise<void> | undefined;

  constructor(address: ClickhouseAddress, onError: (error: Error) => void) {
    this.#address = address;
    this.#onError = onError;
  }

  assertOpen(): void {
    if (!this.#closed) return;
    throw new WarehouseError('closed', 'Cannot use the warehouse: it is closed');
  }

  /** @throws {WarehouseError} whatever goes wrong. */
  async ask<T>(
    lane: Lane,
    work: (client: ClickHouseClient, settings: Complete) => Promise<T>,
  ): Promise<T> {
    this.assertOpen();
    const asked = this.#withDatabase().then(() =>
      work(this.#client(lane), (settings) => this.#complete(lane, settings))
    );
    this.#pending.add(asked);
    try {
      const answer = await asked;
      this.#away = false;
      return answer;
    } catch (error) {
      throw this.#failed(lane, error);
    } finally {
      this.#pending.delete(asked);
    }
  }

  async check(): Promise<void> {
    this.assertOpen();
    const late = AbortSignal.timeout(CHECK_MS);
    try {
      await this.#client('checks').command({
        query: 'SELECT 1',
        abort_signal: late,
        clickhouse_settings: this.#complete('checks', {}),
      });
    } catch (error) {
      const reason = late.aborted ? new Error(`no answer within ${CHECK_MS} ms`) : error;
      throw this.#failed('checks', reason);
    }
  }

  close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  /** A server that hangs is not waited for: to close a client cuts its connections. */
  async #end(): Promise<void> {
    await within(Promise.allSettled(this.#pending), CLOSE_MS);
    await Promise.all([...this.#clients.values()].map((client) => client.close()));
  }

  #client(lane: Lane): ClickHouseClient {
    const known = this.#clients.get(lane);
    if (known) return known;
    const { origin, username, password } = this.#address;
    const client = createClient({
      url: origin,
      username,
      password,
      request_timeout: REQUEST_MS,
      max_open_connections: CONNECTIONS[lane],
      // Packing rows costs more than it saves between processes that are near each other.
      compression: { request: false, response: false },
      // What goes wrong is told by who asked, once.
      log: { level: ClickHouseLogLevel.OFF },
    });
    this.#clients.set(lane, client);
    return client;
  }

  /** With what each statement carries; the client itself would send the database only as its own. */
  #complete(lane: Lane, settings: Settings): ClickHouseSettings {
    const { database } = this.#address;
    const more = {
      ...(database !== DEFAULT_DATABASE && lane !== 'checks' && { database }),
      log_comment: commentOf(lane),
      // Otherwise an error within a result comes after the status that says that all is well.
      wait_end_of_query: 1,
    };
    return { ...more, ...settings } as ClickHouseSettings;
  }

  /** A server refuses every statement that names a database it does not have yet. */
  #withDatabase(): Promise<void> {
    const { database } = this.#address;
    if (database === DEFAULT_DATABASE) return Promise.resolve();
    this.#database ??= this.#client('inserts')
      .command({ query: `CREATE DATABASE IF NOT EXISTS ${database}` })
      .then(() => {}, (error) => {
        // Who may not make it may still use it; if it is not there, the statement itself will tell.
        if (isTold(error)) return;
        this.#database = undefined;
        throw error;
      });
    return this.#database;
  }

  #failed(lane: Lane, error: unknown): WarehouseError {
    const failure = serverFailure(error, lane, this.#address.origin);
    const away = failure.clickhouseCode === 0;
    if (away && !this.#away && !this.#closed) this.#onError(failure);
    this.#away = away;
    return failure;
  }
}

const DEFAULT_DATABASE = 'default';

async function raw(
  client: ClickHouseClient,
  complete: Complete,
  statement: RawStatement,
): Promise<RawResult> {
  const startedAt = performance.now();
  const { sql, body, settings, params, defaultFormat, database } = statement;
  const { stream, summary, response_headers: headers } = await client.exec({
    query: sql,
    ...(body && { values: Readable.from([body], { objectMode: false }) }),
    clickhouse_settings: complete({
      ...ASKING,
      ...settings,
      ...Object.fromEntries(
        Object.entries(params).map(([name, value]) => [`param_${name}`, value]),
      ),
      default_format: defaultFormat,
      ...(database && { database }),
    }),
  });
  const bytes = await bytesOf(stream);
  const written = Number(summary?.written_rows ?? 0);
  return {
    bytes,
    format: String(headers['x-clickhouse-format'] ?? defaultFormat),
    rows: written > 0 ? written : Number(summary?.result_rows ?? 0),
    elapsedMs: performance.now() - startedAt,
  };
}

async function bytesOf(stream: Readable): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of stream as AsyncIterable<Uint8Array>) {
    parts.push(part);
    length += part.length;
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
