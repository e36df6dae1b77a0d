/**
 * The warehouse in process: chDB, in a thread of its own. One data directory belongs to one
 * process, and a process has one at a time.
 */
import { Buffer } from 'node:buffer';
import { resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import { ChdbEngine } from './chdb-engine.ts';
import { type RawResult, type Warehouse, WarehouseError } from './warehouse.ts';

export interface ChdbOptions {
  /** The data directory; made when missing. */
  path: string;
  /** Told once when the engine is lost; every call rejects from then on. */
  onError(error: Error): void;
}

/**
 * @throws {WarehouseError} `unavailable` when the directory cannot be written or is in use,
 * `corrupt` when its files do not load; the engine's own words are on standard error then.
 */
export async function createChdbWarehouse({ path, onError }: ChdbOptions): Promise<Warehouse> {
  const directory = resolve(path);
  // A second thread with chDB in it would pull the engine from under the first when it ends.
  if (taken !== undefined) {
    throw new WarehouseError(
      'unavailable',
      `Cannot open the warehouse in ${directory}: this process has the one in ${taken} open`,
    );
  }
  taken = directory;
  try {
    // Also loaded here, to keep the library mapped: without it Node crashes when the thread ends.
    await import('chdb').catch(notHere);
    const url = new URL('./chdb-worker.ts', import.meta.url);
    const engine = new ChdbEngine(new Worker(url, { workerData: { path: directory } }), onError);
    void engine.ended.then(() => taken = undefined);
    await engine.opened;
    return warehouseOf(engine);
  } catch (error) {
    taken = undefined;
    throw error;
  }
}

function notHere(cause: unknown): never {
  throw new WarehouseError('unavailable', 'Cannot load chDB: there is none for this machine', {
    cause,
  });
}

/** The directory of this process's engine. */
let taken: string | undefined;

function warehouseOf(engine: ChdbEngine): Warehouse {
  return {
    insert: (...insert) => engine.insert(...insert),
    async query<Row>(sql: string, params = {}) {
      const text = await engine.call<string>((id) => ({ kind: 'query', id, sql, params }));
      return JSON.parse(text || '[]') as Row[];
    },
    command: (sql) => engine.call<void>((id) => ({ kind: 'command', id, sql })),
    raw(statement) {
      const { body } = statement;
      // Handed over, which costs nothing; only a Buffer may be part of Node's common pool.
      const own = body !== undefined && !Buffer.isBuffer(body);
      const transfer = own ? [body.buffer as ArrayBuffer] : [];
      return engine.call<RawResult>((id) => ({ kind: 'raw', id, statement }), transfer);
    },
    check: () => engine.call<void>((id) => ({ kind: 'check', id })),
    close: () => engine.close(),
  };
}
