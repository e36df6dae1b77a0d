/**
 * Moves what was written from SQLite's log (WAL) into its file on a thread of its own: the copying
 * and the waiting for the disk take 10 ms and more, which on the main thread every auction would feel.
 */
import { DatabaseSync } from 'node:sqlite';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

/** Bytes of log between two checkpoints: it stays in the cache, the thread sleeps mostly. */
const CHECKPOINT_EVERY_BYTES = 32 * 2 ** 20;
/** Of the log for a row, beside its own: its page, and one or two of an index. Few rows share them. */
const ROW_BYTES = 2.5 * 4_096;
/** Above this, writers wait for the checkpoint: a log that is always written is never begun anew. */
const WAITING_BYTES_MAX = 2 * CHECKPOINT_EVERY_BYTES;
/** A checkpoint that was overtaken by writes is repeated; the next one is far shorter. */
const PASSES_MAX = 5;
/** Pages of log above which writers are held off for some ms: they may be faster than any pass. */
const LOG_PAGES_MAX = 16_384;
/** ms after which deleted bytes are overwritten in the file, too; many deletes share the work. */
const ERASE_MS = 1_000;

export class Checkpointer {
  readonly #path: string;
  readonly #onError: (error: Error) => void;
  #worker: Worker | undefined;
  #running: Promise<void> | undefined;
  #waitingBytes = 0;
  #eraseTimer: NodeJS.Timeout | undefined;
  /** Whether the next run leaves nothing in the log. */
  #erases = false;
  #closed = false;

  constructor(path: string, onError: (error: Error) => void) {
    this.#path = path;
    this.#onError = onError;
  }

  /** A row of so many bytes. */
  wrote(bytes: number): void {
    this.#waitingBytes += ROW_BYTES + bytes;
    this.#look();
  }

  #look(): void {
    if (this.#waitingBytes < CHECKPOINT_EVERY_BYTES && !this.#erases) return;
    if (this.#running || this.#closed || this.#path === ':memory:') return;
    this.#running = this.#run();
  }

  /** Something was deleted: {@link ERASE_MS} later neither the file nor its log has it. */
  deleted(): void {
    this.#eraseTimer ??= setTimeout(() => {
      this.#eraseTimer = undefined;
      this.#erases = true;
      this.#look();
    }, ERASE_MS).unref();
  }

  /** Resolves when there is room in the log: at once, but for long runs of writes. */
  async room(): Promise<void> {
    if (this.#waitingBytes > WAITING_BYTES_MAX) await this.#running;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
    clearTimeout(this.#eraseTimer);
    await this.#worker?.terminate();
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    const before = this.#waitingBytes;
    const erases = this.#erases;
    this.#erases = false;
    try {
      const worker = this.#worker ??= startWorker(this.#path);
      const { failure, isErased } = await answer(worker, erases);
      if (failure !== undefined) throw new Error(failure);
      if (erases && !isErased) this.deleted();
    } catch (error) {
      // The next run gets a new thread; the log only grows meanwhile.
      this.#worker?.terminate();
      this.#worker = undefined;
      if (erases) this.deleted();
      this.#onError(error instanceof Error ? error : new Error(String(error)));
    }
    this.#waitingBytes -= before;
    this.#running = undefined;
    // What was written meanwhile may be enough for the next one, and nobody else would ask for it.
    this.#look();
  }
}

function startWorker(path: string): Worker {
  return new Worker(new URL(import.meta.url), { workerData: { checkpointPath: path } });
}

interface Answer {
  /** What went wrong, if anything. */
  failure?: string;
  /** Whether nothing is left in the log; false where somebody was in the way. */
  isErased: boolean;
}

/** Asks for a checkpoint, and for an empty log. */
function answer(worker: Worker, erases: boolean): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const rest = () => {
      // By name: without one, Node's own listeners go too, and terminate() never resolves.
      for (const event of ['message', 'error', 'exit']) worker.removeAllListeners(event);
      // A thread that fails while nobody asks is noticed at the next question.
      worker.on('error', () => {});
      // A sleeping helper must not keep the process alive; one at work must.
      worker.unref();
    };
    worker.once('message', (message: Answer) => (rest(), resolve(message)));
    worker.once('error', (error) => (rest(), reject(error)));
    worker.once('exit', () => (rest(), reject(new Error('the thread ended'))));
    worker.ref();
    worker.postMessage({ erases });
  });
}

/** On the thread: one connection of its own, a checkpoint for every message. */
function serve(path: string): void {
  let database: DatabaseSync | undefined;
  parentPort!.on('message', ({ erases }: { erases: boolean }) => {
    const answer: Answer = { isErased: false };
    try {
      database ??= new DatabaseSync(path);
      // PASSIVE never makes readers or writers wait, and tells nothing of what was written meanwhile.
      const checkpoint = database.prepare('PRAGMA wal_checkpoint(PASSIVE)');
      let log = 0;
      let isMoved = false;
      for (let pass = 0; pass < PASSES_MAX && !isMoved; pass++) {
        const before = log;
        const row = checkpoint.get();
        log = Number(row?.['log']);
        isMoved = log === before && log === row?.['checkpointed'];
      }
      // These two hold writers off, and have little left to move. Readers they do not wait for.
      if (erases) {
        answer.isErased = database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()!['busy'] === 0;
      } else if (!isMoved && log > LOG_PAGES_MAX) {
        database.exec('PRAGMA wal_checkpoint(RESTART)');
      }
    } catch (error) {
      answer.failure = error instanceof Error ? error.message : String(error);
    }
    parentPort!.postMessage(answer);
  });
}

if (!isMainThread && workerData?.checkpointPath) serve(workerData.checkpointPath);
