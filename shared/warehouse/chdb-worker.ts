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
import { drainPending, Session } from 'chdb';
import { createChdbConnection } from 'chdb/connection';
import { prepareDirectory, refusal } from './chdb-directory.ts';
import { clickhouseError, failureOf } from './statement-failure.ts';
import type { FromWorker, ToWorker } from './chdb-messages.ts';
import { Endable } from './endable.ts';
import { EnginePriority } from './engine-priority.ts';
import { ASKING, INSERTING, QUERYING, RESULT_BYTES_MAX, type Settings } from './engine-settings.ts';
import { ConnectedLane, Lane } from './lane.ts';
import { commentOf } from './lanes.ts';
import { prepareStatement, quoted } from './raw-statement.ts';
import { RowSpool } from './row-spool.ts';
import { insertText, type RowsInto } from './rows-into.ts';
import { type RawResult, type RawStatement, WarehouseError } from './warehouse.ts';

const { path } = workerData as { path: string };
const port = parentPort as MessagePort;

/** Read when the engine starts, with the first connection. */
const ENGINE = [
  // One merge at a time: with the default two they would take both cores of a small machine.
  '--background_pool_size=1',
  '--background_merges_mutations_concurrency_ratio=1',
  // Where it cannot be taken out of the way altogether, see EnginePriority.
  '--os_threads_nice_value_merge_mutate=10',
  `--mark_cache_size=${64 * 1024 * 1024}`,
  // Names a file that is not there: otherwise a config.xml of the working directory would be read.
  `--config-file=${join(path, 'no-config.xml')}`,
];

const priority = new EnginePriority();

type Connection = NonNullable<ClickHouseClientConfigOptions['connection']>;

const inserts = new ConnectedLane(() =>
  connect({ ...INSERTING, log_comment: commentOf('inserts') })
);
const queries = new ConnectedLane(() => connect(QUERYING));
const statements = new Lane();
/** Reports and statements: whatever is no insert. */
const asked = new Endable(() =>
  once(`KILL QUERY WHERE Settings['log_comment'] != ${quoted(commentOf('inserts'))}`)
);
let engine: Session | undefined;
let spool: RowSpool;
/** Memory of rows that lie in the spool. */
const written: ArrayBuffer[] = [];

try {
  prepareDirectory(path);
  spool = new RowSpool(join(path, 'spool'));
  engine = openEngine();
  await Promise.all([inserts.run(ready), queries.run(ready)]);
  port.on('message', receive);
  send({ kind: 'opened' });
} catch (error) {
  engine?.close();
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
  if (message.kind === 'rows') {
    if (!('bytes' in message)) return spool.append(message.id, message.data);
    spool.append(message.id, new Uint8Array(message.data, 0, message.bytes));
    written.push(message.data);
    return;
  }
  if (message.kind === 'end') return void asked.end();
  if (message.kind === 'close') return void close();
  const { id } = message;
  answer(message).then(
    (reply) => send(reply, reply.kind === 'raw' ? [reply.bytes] : []),
    (error) => send({ kind: 'failed', id, reason: failureOf(error) }),
  );
}

async function answer(
  message: Exclude<ToWorker, { kind: 'rows' | 'end' | 'close' }>,
): Promise<FromWorker> {
  const { id } = message;
  switch (message.kind) {
    case 'insert':
      await insert(id, message.into, message.token);
      return { kind: 'done', id };
    case 'command':
      await inserts.run((client) => client.command({ query: message.sql }));
      return { kind: 'done', id };
    case 'check':
      await check();
      return { kind: 'done', id };
    case 'query':
      return { kind: 'answer', id, text: await query(message.sql, message.params) };
    case 'raw': {
      const { statement } = message;
      const { bytes, ...result } = await inLaneOf(statement, () => raw(id, statement));
      return { kind: 'raw', id, result, bytes: bytes.buffer };
    }
  }
}

async function connect(settings: Settings): Promise<ClickHouseClient> {
  // The same interface from two packages whose lists of settings differ by a version.
  const connection = createChdbConnection({ path }) as unknown as Connection;
  const client = createClient({ connection });
  const set = Object.entries(settings).map(([name, value]) => `${name} = ${quoted(String(value))}`);
  await client.command({ query: `SET ${set.join(', ')}` });
  return client;
}

async function ready(client: ClickHouseClient): Promise<void> {
  await client.command({ query: 'SELECT 1' });
}

/**
 * In no lane: it must not wait for a long query to know that the engine answers. One that gives way may be
 * slow to; then it is enough that this thread does, and inserts that hang are seen by who makes them.
 */
async function check(): Promise<void> {
  if (!priority.givesWay) await once('SELECT 1');
}

async function once(sql: string): Promise<void> {
  const session = new Session(path);
  try {
    await session.queryAsync(sql);
  } finally {
    session.close();
  }
}

async function insert(id: number, into: RowsInto, token: string): Promise<void> {
  const { head, format } = insertText(into);
  const query = `${head} FROM INFILE ${quoted(spool.path(id))} ` +
    `SETTINGS insert_deduplication_token = ${quoted(token)} ${format}`;
  try {
    const bytes = finishSpool(id);
    await inserts.run((client) => client.command({ query }));
    priority.inserted(bytes);
  } finally {
    spool.remove(id);
    const chunks = written.splice(0);
    send({ kind: 'chunks', chunks }, chunks);
  }
}

/** @returns bytes of its rows */
function finishSpool(id: number): number {
  try {
    return spool.finish(id);
  } catch (cause) {
    throw new WarehouseError('unavailable', `Cannot write rows to ${path}: ${cause}`, { cause });
  }
}

function query(sql: string, params: Record<string, unknown>): Promise<string> {
  return queries.run((client) =>
    asked.run(async () => {
      const result = await client.query({
        query: sql,
        query_params: params,
        format: 'JSONEachRow',
      });
      return await result.text();
    })
  );
}

function inLaneOf<T>({ lane }: RawStatement, work: () => Promise<T>): Promise<T> {
  if (lane === 'inserts') return inserts.run(work);
  const endable = (): Promise<T> => asked.run(work);
  if (lane === 'reports') return queries.run(endable);
  return lane === 'checks' ? endable() : statements.run(endable);
}

/** In a session of its own, so that settings, parameters and temporary tables end with it. */
async function raw(id: number, statement: RawStatement): Promise<RawResult> {
  const startedAt = performance.now();
  const { before, sql, format, rows } = prepareStatement(statement, spool.path(id));
  const asking = Object.entries(ASKING).map(([name, value]) => `--${name}=${value}`);
  const session = new Session(path, { connectionArgs: asking });
  try {
    if (rows !== undefined) {
      spool.append(id, rows);
      finishSpool(id);
    }
    for (const preparing of before) await session.queryAsync(preparing);
    const result = await session.queryAsync(sql, { format });
    if (rows !== undefined) priority.inserted(rows.length);
    const bytes = result.bytes();
    if (bytes.byteLength > RESULT_BYTES_MAX) {
      const text = `Limit for result exceeded, max bytes: ${RESULT_BYTES_MAX}`;
      throw clickhouseError(396, 'TOO_MANY_ROWS_OR_BYTES', text);
    }
    return {
      // Copied: the engine's memory cannot be given to another thread.
      bytes: new Uint8Array(bytes),
      format,
      rows: result.rowsRead,
      elapsedMs: performance.now() - startedAt,
    };
  } finally {
    if (rows !== undefined) spool.remove(id);
    session.close();
  }
}

async function close(): Promise<void> {
  await Promise.all([inserts.close(), queries.close(), statements.run(async () => {})]);
  engine?.close();
  await drainPending();
  send({ kind: 'closed' });
}

function send(message: FromWorker, transfer: Transferable[] = []): void {
  port.postMessage(message, transfer);
}
