/**
 * The thread that owns chDB: its calls serialise and copy rows for 100 ms and more at a time, and
 * here that stops nobody. One statement runs at a time in each of three lanes, so that a long
 * query of an analyst holds up neither reports nor inserts. More lanes would take the threads
 * (libuv has four) from the files and look-ups of the rest of the process.
 */
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { type MessagePort, parentPort, type Transferable, workerData } from 'node:worker_threads';
import {
  type ClickHouseClient,
  type ClickHouseClientConfigOptions,
  createClient,
} from '@clickhouse/client';
import { type ChdbResult, drainPending, Session } from 'chdb';
import { createChdbConnection } from 'chdb/connection';
import { prepareDirectory, refusal } from './chdb-directory.ts';
import type { Failure, FromWorker, ToWorker } from './chdb-messages.ts';
import { RowSpool } from './row-spool.ts';
import { shapeOf } from './statement.ts';
import { type RawResult, type RawStatement, WarehouseError } from './warehouse.ts';

const { path } = workerData as { path: string };
const port = parentPort as MessagePort;

/** Bytes of one result; beyond it belongs into a file. */
const RESULT_BYTES_MAX = 64 * 1024 * 1024;
/** Bytes one query may use: a laptop has other things to do with the rest. */
const QUERY_MEMORY_BYTES = 1024 * 1024 * 1024;

/** Read when the engine starts, with the first connection. */
const ENGINE = [
  // One merge at a time: with the default two they would take both cores of a small machine.
  '--background_pool_size=1',
  '--background_merges_mutations_concurrency_ratio=1',
  `--mark_cache_size=${64 * 1024 * 1024}`,
  // Names a file that is not there: otherwise a config.xml of the working directory would be read.
  `--config-file=${join(path, 'no-config.xml')}`,
];

/** One thread and no second look at rows that arrive in order: the least CPU per row. */
const INSERTING = `SET session_timezone = 'UTC', async_insert = 0, max_threads = 1,
  max_insert_threads = 1, input_format_parallel_parsing = 0, optimize_on_insert = 0`;

const QUERYING = `SET session_timezone = 'UTC', max_threads = 2, max_execution_time = 30,
  max_memory_usage = ${QUERY_MEMORY_BYTES}, max_result_bytes = ${RESULT_BYTES_MAX},
  output_format_json_array_of_rows = 1, output_format_json_quote_64bit_integers = 0,
  output_format_json_quote_denormals = 0`;

/** For statements of people; what they SET themselves comes after. */
const ASKING = [
  '--session_timezone=UTC',
  '--max_threads=2',
  '--max_execution_time=60',
  `--max_memory_usage=${QUERY_MEMORY_BYTES}`,
  `--max_result_bytes=${RESULT_BYTES_MAX}`,
  '--async_insert=0',
  '--input_format_parallel_parsing=0',
  '--output_format_json_quote_64bit_integers=0',
  '--implicit_select=0',
];

type Connection = NonNullable<ClickHouseClientConfigOptions['connection']>;

/** Statements one after the other. */
class Lane {
  #last: Promise<unknown> = Promise.resolve();

  run<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => {});
    return result;
  }
}

/** A lane with a client of its own. */
class ClientLane {
  readonly #lane = new Lane();
  readonly #settings: string;
  #client: Promise<ClickHouseClient> | undefined;

  constructor(settings: string) {
    this.#settings = settings;
  }

  run<T>(work: (client: ClickHouseClient) => Promise<T>): Promise<T> {
    return this.#lane.run(async () => {
      this.#client ??= this.#connect();
      const client = await this.#client;
      try {
        return await work(client);
      } catch (error) {
        // A statement that fails half way leaves its output in the connection, and the next
        // result would begin with it. A new connection costs 1 ms.
        await this.#disconnect();
        throw error;
      }
    });
  }

  close(): Promise<void> {
    return this.#lane.run(() => this.#disconnect());
  }

  async #connect(): Promise<ClickHouseClient> {
    // The same interface from two packages whose lists of settings differ by a version.
    const connection = createChdbConnection({ path }) as unknown as Connection;
    const client = createClient({ connection });
    await client.command({ query: this.#settings });
    return client;
  }

  async #disconnect(): Promise<void> {
    const client = await this.#client?.catch(() => undefined);
    this.#client = undefined;
    await client?.close();
  }
}

const inserts = new ClientLane(INSERTING);
const queries = new ClientLane(QUERYING);
const statements = new Lane();
let engine: Session;
let spool: RowSpool;

try {
  prepareDirectory(path);
  spool = new RowSpool(join(path, 'spool'));
  engine = openEngine();
  await Promise.all([inserts.run(ping), queries.run(ping)]);
  port.on('message', receive);
  send({ kind: 'opened' });
} catch (error) {
  send({ kind: 'refused', reason: failureOf(error) });
}

function openEngine(): Session {
  try {
    return new Session(path, { connectionArgs: ENGINE });
  } catch (error) {
    throw refusal(path, error);
  }
}

function receive(message: ToWorker): void {
  if (message.kind === 'rows') return spool.append(message.id, message.text);
  if (message.kind === 'close') return void close();
  const { id } = message;
  answer(message).then(
    (reply) => send(reply, reply.kind === 'raw' ? [reply.result.bytes.buffer] : []),
    (error) => send({ kind: 'failed', id, reason: failureOf(error) }),
  );
}

async function answer(
  message: Exclude<ToWorker, { kind: 'rows' | 'close' }>,
): Promise<FromWorker> {
  const { id } = message;
  switch (message.kind) {
    case 'insert':
      await insert(id, message.table, message.token);
      return { kind: 'done', id };
    case 'command':
      await inserts.run((client) => client.command({ query: message.sql }));
      return { kind: 'done', id };
    case 'check':
      await queries.run(ping);
      return { kind: 'done', id };
    case 'query':
      return { kind: 'answer', id, text: await query(message.sql, message.params) };
    case 'raw': {
      const { statement } = message;
      return { kind: 'raw', id, result: await statements.run(() => raw(id, statement)) };
    }
  }
}

async function ping(client: ClickHouseClient): Promise<void> {
  await client.command({ query: 'SELECT 1' });
}

async function insert(id: number, table: string, token: string): Promise<void> {
  const query = `INSERT INTO ${table} FROM INFILE ${quoted(spool.path(id))} ` +
    `SETTINGS insert_deduplication_token = ${quoted(token)} FORMAT JSONEachRow`;
  try {
    finishSpool(id);
    await inserts.run((client) => client.command({ query }));
  } finally {
    spool.remove(id);
  }
}

function finishSpool(id: number): void {
  try {
    spool.finish(id);
  } catch (cause) {
    throw new WarehouseError('unavailable', `Cannot write rows to ${path}: ${cause}`, { cause });
  }
}

function query(sql: string, params: Record<string, unknown>): Promise<string> {
  return queries.run(async (client) => {
    const result = await client.query({
      query: sql,
      query_params: params,
      format: 'JSONEachRow',
    });
    return await result.text();
  });
}

/** In a session of its own, so that settings, parameters and temporary tables end with it. */
async function raw(id: number, statement: RawStatement): Promise<RawResult> {
  const session = new Session(path, { connectionArgs: ASKING });
  const startedAt = performance.now();
  try {
    if (statement.database) await session.queryAsync(`USE ${identifier(statement.database)}`);
    for (const change of settingsOf(statement)) await session.queryAsync(`SET ${change}`);
    const { sql, format } = withBody(id, statement);
    return rawResult(await session.queryAsync(sql, { format }), format, startedAt);
  } finally {
    spool.remove(id);
    session.close();
  }
}

function rawResult(result: ChdbResult, format: string, startedAt: number): RawResult {
  const bytes = result.bytes();
  if (bytes.byteLength > RESULT_BYTES_MAX) {
    throw new Error(
      `Code: 396. DB::Exception: Limit for result exceeded, max bytes: ${RESULT_BYTES_MAX}. ` +
        '(TOO_MANY_ROWS_OR_BYTES)',
    );
  }
  return {
    // Copied: the engine's memory cannot be given to another thread.
    bytes: new Uint8Array(bytes),
    format,
    rows: result.rowsRead,
    elapsedMs: performance.now() - startedAt,
  };
}

function withBody(id: number, { sql, body, defaultFormat }: RawStatement) {
  const shape = shapeOf(sql);
  if (body === undefined || shape.verb !== 'INSERT') {
    return { sql, format: shape.format ?? defaultFormat };
  }
  const format = shape.format ?? defaultFormat;
  if (shape.tailAt === undefined || shape.selects) {
    return { sql: `${sql}\n${new TextDecoder().decode(body)}`, format };
  }
  spool.append(id, body);
  finishSpool(id);
  const head = sql.slice(0, shape.tailAt);
  const tail = shape.format === 'Values' ? 'FORMAT Values' : sql.slice(shape.tailAt);
  return { sql: `${head} FROM INFILE ${quoted(spool.path(id))} ${tail}`, format };
}

function settingsOf({ settings, params }: RawStatement): string[] {
  return [
    ...Object.entries(settings).map(([name, value]) => `${identifier(name)} = ${quoted(value)}`),
    ...Object.entries(params).map(([name, value]) => `param_${name} = ${quoted(value)}`),
  ];
}

function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}

function identifier(name: string): string {
  return `\`${name.replace(/[\\`]/g, '\\$&')}\``;
}

async function close(): Promise<void> {
  await Promise.all([inserts.close(), queries.close(), statements.run(async () => {})]);
  engine.close();
  await drainPending();
  send({ kind: 'closed' });
}

function send(message: FromWorker, transfer: Transferable[] = []): void {
  port.postMessage(message, transfer);
}

function failureOf(error: unknown): Failure {
  if (error instanceof WarehouseError) {
    const { code, message, clickhouseCode } = error;
    return { code, message, clickhouseCode };
  }
  const message = textOf(error);
  const clickhouseCode = Number(/Code: (\d+)/.exec(message)?.[1] ?? 0);
  const code = LACKING.has(clickhouseCode) ? 'unavailable' : 'query';
  return { code, message, clickhouseCode };
}

/**
 * What ClickHouse says when the machine lacks something for now (files, disk, parts merged, memory
 * of all together): CANNOT_WRITE_TO_FILE_DESCRIPTOR, CANNOT_OPEN_FILE, ABORTED, NOT_ENOUGH_SPACE,
 * TOO_MANY_PARTS, CANNOT_SCHEDULE_TASK.
 */
const LACKING: ReadonlySet<number> = new Set([75, 76, 236, 243, 252, 439]);

/** ClickHouse's own text: the client keeps it as the cause. Without the name of our spool file. */
function textOf(error: unknown): string {
  const source = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const text = source instanceof Error ? source.message : String(source);
  return text.replace(/\(in file\/uri [^)]*\): /g, '').replace(
    /^(Code: \d+\. DB::Exception: )\1/,
    '$1',
  );
}
