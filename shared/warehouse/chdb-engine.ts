/** The calling side of the thread that owns chDB: sends calls, matches answers, notices its end. */
import { setImmediate } from 'node:timers/promises';
import type { Transferable, Worker } from 'node:worker_threads';
import { CHUNK_BYTES, giveChunkBack, takeChunk } from '#shared/model/chunk-pool.ts';
import type { Failure, FromWorker, ToWorker } from './chdb-messages.ts';
import { rowPieces } from './row-pieces.ts';
import { WarehouseError } from './warehouse.ts';

/** Calls under way; a writer has one or two, so this many mean that the engine hangs. */
const CALLS_MAX = 1_000;
/** Bytes, or characters, of rows on their way: some seconds of a busy exchange. */
const ROWS_SIZE_MAX = 256 * 1024 * 1024;
/**
 * ms that reports and statements have to end when the engine closes. A thread that is ended with one under way
 * takes the process with it, which hangs then for minutes.
 */
const END_MS = 500;

type State = 'open' | 'closing' | 'closed' | 'lost';
interface Call {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** The calls to chDB's thread and what became of them. */
export class ChdbEngine {
  /** Rejects when the directory cannot be opened, once the thread is gone again. */
  readonly opened: Promise<void>;
  /** The thread is gone. */
  readonly ended: Promise<void>;
  readonly #worker: Worker;
  readonly #onError: (error: Error) => void;
  readonly #calls = new Map<number, Call>();
  #state: State = 'open';
  #refusal: WarehouseError | undefined;
  #lastId = 0;
  #size = 0;
  #idle: (() => void) | undefined;

  constructor(worker: Worker, onError: (error: Error) => void) {
    this.#worker = worker;
    this.#onError = onError;
    const opening = Promise.withResolvers<void>();
    const ending = Promise.withResolvers<void>();
    this.opened = opening.promise;
    this.ended = ending.promise;
    worker.on('message', (message: FromWorker) => this.#receive(message, opening.resolve));
    worker.on('error', (cause) => this.#lose(cause));
    worker.on('exit', () => {
      const error = this.#lose(undefined);
      opening.reject(this.#refusal ?? error);
      ending.resolve();
    });
  }

  async call<T>(message: (id: number) => ToWorker, transfer: Transferable[] = []): Promise<T> {
    const { id, result } = this.#begin<T>();
    this.#worker.postMessage(message(id), transfer);
    return await result;
  }

  async insert(
    table: string,
    rows: readonly (string | Uint8Array)[],
    token: string,
    columns?: readonly string[],
  ): Promise<void> {
    if (rows.length === 0) return this.#assertOpen();
    const size = rows.reduce((sum, row) => sum + row.length + 1, 0);
    if (this.#size > 0 && this.#size + size > ROWS_SIZE_MAX) {
      throw new WarehouseError(
        'unavailable',
        `Cannot insert into ${table}: ${this.#size} bytes of rows are still on their way`,
      );
    }
    const { id, result } = this.#begin<void>();
    // Kept until it is awaited below, when the pieces are sent.
    result.catch(() => {});
    this.#size += size;
    try {
      let sent = false;
      for (const piece of rowPieces(rows)) {
        if (sent) await setImmediate();
        sent = true;
        this.#postRows(id, piece);
      }
      this.#post({ kind: 'insert', id, into: { table, columns }, token });
      await result;
    } finally {
      this.#size -= size;
    }
  }

  async close(): Promise<void> {
    if (this.#state === 'open') {
      this.#state = 'closing';
      if (this.#calls.size > 0) {
        const late = setTimeout(() => this.#post({ kind: 'end' }), END_MS);
        await new Promise<void>((idle) => this.#idle = idle);
        clearTimeout(late);
      }
      this.#post({ kind: 'close' });
    }
    await this.ended;
  }

  #begin<T>(): { id: number; result: Promise<T> } {
    this.#assertOpen();
    if (this.#calls.size >= CALLS_MAX) {
      throw new WarehouseError('unavailable', `Cannot ask the warehouse: ${CALLS_MAX} calls wait`);
    }
    const id = ++this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#calls.set(id, { resolve: resolve as Call['resolve'], reject });
    return { id, result: promise };
  }

  #assertOpen(): void {
    if (this.#state === 'open') return;
    if (this.#state === 'lost') throw lost(undefined);
    throw new WarehouseError('closed', 'Cannot use the warehouse: it is closed');
  }

  #post(message: ToWorker, transfer: Transferable[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  #postRows(id: number, piece: string | Uint8Array): void {
    if (typeof piece === 'string') return this.#post({ kind: 'rows', id, data: piece });
    // Bytes are copied and the copy is handed over: the caller may have to send them again.
    const bytes = piece.length;
    const data = bytes <= CHUNK_BYTES ? takeChunk() : new ArrayBuffer(bytes);
    new Uint8Array(data).set(piece);
    this.#post({ kind: 'rows', id, data, bytes }, [data]);
  }

  #receive(message: FromWorker, opened: () => void): void {
    switch (message.kind) {
      case 'opened':
        return opened();
      case 'refused':
        this.#refusal = errorOf(message.reason);
        return this.#finish();
      case 'done':
        return this.#end(message.id, (call) => call.resolve(undefined));
      case 'chunks':
        return message.chunks.forEach(giveChunkBack);
      case 'answer':
        return this.#end(message.id, (call) => call.resolve(message.text));
      case 'raw':
        return this.#end(message.id, (call) => {
          call.resolve({ ...message.result, bytes: new Uint8Array(message.bytes) });
        });
      case 'failed':
        return this.#end(message.id, (call) => call.reject(errorOf(message.reason)));
      case 'closed':
        return this.#finish();
    }
  }

  /** Everything is closed inside; the thread itself would wait for messages for ever. */
  #finish(): void {
    this.#state = 'closed';
    void this.#worker.terminate();
  }

  #end(id: number, settle: (call: Call) => void): void {
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    if (call) settle(call);
    if (this.#calls.size === 0) this.#idle?.();
  }

  /** The thread is gone, on its own or after `closed`. */
  #lose(cause: unknown): WarehouseError {
    const error = lost(cause);
    if (this.#state === 'closed' || this.#state === 'lost') return error;
    this.#state = 'lost';
    for (const id of [...this.#calls.keys()]) this.#end(id, (call) => call.reject(error));
    this.#onError(error);
    return error;
  }
}

function lost(cause: unknown): WarehouseError {
  return new WarehouseError('unavailable', 'Cannot use the warehouse: its thread has ended', {
    cause,
  });
}

function errorOf({ code, message, clickhouseCode }: Failure): WarehouseError {
  return new WarehouseError(code, message, { clickhouseCode });
}
