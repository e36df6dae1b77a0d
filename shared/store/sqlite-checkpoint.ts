/**
 * Moves what was written from SQLite's log (WAL) into its file on a thread of its own: the copying
 * and the waiting for the disk take 10 ms and more, which on the main thread every auction would feel.
 */
import { DatabaseSync } from 'node:sqlite';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

/** Bytes written between two checkpoints: the log stays in the cache, the thread sleeps mostly. */
const CHECKPOINT_EVERY_BYTES = 8 * 2 ** 20;
/** Above this, writers wait for the checkpoint: a log that is always written is never begun anew. */
const WAITING_BYTES_MAX = 8 * CHECKPOINT_EVERY_BYTES;
/** A checkpoint that was overtaken by writes is repeated; the next one is far shorter. */
const PASSES_MAX = 10;

export class Checkpointer {
  readonly #path: string;
  readonly #onError: (error: Error) => void;
  #worker: Worker | undefined;
  #running: Promise<void> | undefined;
  #waitingBytes = 0;
  #closed = false;

  constructor(path: string, onError: (error: Error) => void) {
    this.#path = path;
    this.#onError = onError;
  }

  wrote(bytes: number): void {
    this.#waitingBytes += bytes;
    if (this.#waitingBytes < CHECKPOINT_EVERY_BYTES || this.#running || this.#closed) return;
    if (this.#path !== ':memory:') this.#running = this.#run();
  }

  /** Resolves when there is room in the log: at once, but for long runs of writes. */
  async room(): Promise<void> {
    if (this.#waitingBytes > WAITING_BYTES_MAX) await this.#running;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
    await this.#worker?.terminate();
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    const before = this.#waitingBytes;
    try {
      const worker = this.#worker ??= startWorker(this.#path);
      const failure = await answer(worker);
      if (failure !== undefined) throw new Error(failure);
    } catch (error) {
      // The next run gets a new thread; the log only grows meanwhile.
      this.#worker?.terminate();
      this.#worker = undefined;
      this.#onError(error instanceof Error ? error : new Error(String(error)));
    }
    this.#waitingBytes -= before;
    this.#running = undefined;
    // What was written meanwhile may be enough for the next one, and nobody else would ask for it.
    this.wrote(0);
  }
}

function startWorker(path: string): Worker {
  return new Worker(new URL(import.meta.url), { workerData: { checkpointPath: path } });
}

/** Asks for a checkpoint; resolves to what went wrong, if anything. */
function answer(worker: Worker): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const rest = () => {
      // By name: without one, Node's own listeners go too, and terminate() never resolves.
      for (const event of ['message', 'error', 'exit']) worker.removeAllListeners(event);
      // A thread that fails while nobody asks is noticed at the next question.
      worker.on('error', () => {});
      // A sleeping helper must not keep the process alive; one at work must.
      worker.unref();
    };
    worker.once('message', ({ failure }) => (rest(), resolve(failure)));
    worker.once('error', (error) => (rest(), reject(error)));
    worker.once('exit', () => (rest(), reject(new Error('the thread ended'))));
    worker.ref();
    worker.postMessage('checkpoint');
  });
}

/** On the thread: one connection of its own, a checkpoint for every message. */
function serve(path: string): void {
  let database: DatabaseSync | undefined;
  parentPort!.on('message', () => {
    let failure: string | undefined;
    try {
      database ??= new DatabaseSync(path);
      // PASSIVE never makes readers or writers wait.
      const checkpoint = database.prepare('PRAGMA wal_checkpoint(PASSIVE)');
      for (let pass = 0; pass < PASSES_MAX; pass++) {
        const row = checkpoint.get();
        if (row?.['log'] === row?.['checkpointed']) break;
      }
    } catch (error) {
      failure = error instanceof Error ? error.message : String(error);
    }
    parentPort!.postMessage({ failure });
  });
}

if (!isMainThread && workerData?.checkpointPath) serve(workerData.checkpointPath);
