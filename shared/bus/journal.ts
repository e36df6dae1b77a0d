/** The journal seen from the bus: appends are done at once, the rest by its thread. */
import { Worker } from 'node:worker_threads';
import type { TopicName } from '../model/events.ts';
import { BusError, type Received } from './bus.ts';
import { type JournalFile, makeJournalFile } from './journal-file.ts';
import type {
  FileAnswers,
  FileCall,
  ThreadAnswers,
  ThreadCall,
  ThreadReply,
} from './journal-protocol.ts';
import { journalBatches } from './journal-records.ts';

export interface Journal {
  readonly partitions: number;
  /**
   * Appends records, all or none. They outlive the process when it returns, and the machine's power
   * after {@link Journal.sync}.
   * @returns false where the file is locked: nothing was appended, to be tried again soon
   * @throws {BusError} `unavailable`: nothing was appended
   */
  append(
    atMs: number,
    group: Iterable<readonly [TopicName, readonly Received<TopicName>[]]>,
  ): boolean;
  /** Rejects with {@link BusError}, `unavailable`. */
  call<O extends FileCall['op']>(call: Extract<FileCall, { op: O }>): Promise<FileAnswers[O]>;
  /**
   * Resolves when everything that was appended lies on the disk. Rejects with what the disk says. Not
   * there where there is no disk.
   */
  sync?(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens the journal file, `:memory:` for one that ends with the process.
 * @param onFatal told when its thread has ended by itself: nothing can be stored any more
 * @throws {BusError} `corrupt`, `unavailable` or `misuse`, naming the file.
 */
export async function openJournal(
  path: string,
  partitions: number | undefined,
  onFatal: (error: unknown) => void,
): Promise<Journal> {
  const file = makeJournalFile(path, partitions);
  return path === ':memory:' ? inMemory(file) : onDisk(path, file, onFatal);
}

function inMemory(file: JournalFile): Journal {
  return {
    partitions: file.partitions,
    append: (atMs, group) => file.append(atMs, () => journalBatches(group)),
    call: async (call) => file.answer(call),
    async close() {
      file.close();
    },
  };
}

function onDisk(path: string, file: JournalFile, onFatal: (error: unknown) => void): Journal {
  let ended: BusError | undefined;
  const unusable = (text: string, cause?: unknown): BusError =>
    new BusError('unavailable', `Cannot use the journal ${path}: ${text}`, { cause });
  const thread = new JournalThread(path, unusable, (error) => {
    if (!ended) onFatal(ended = error);
  });
  return {
    partitions: file.partitions,
    append(atMs, group) {
      if (ended) throw ended;
      try {
        return file.append(atMs, () => journalBatches(group));
      } catch (error) {
        throw unusable((error as Error).message, error);
      }
    },
    call: (call) => thread.call(call),
    sync: () => thread.call({ op: 'sync' }).then(() => {}),
    async close() {
      // The thread's connection is the last one: what is still in the log is moved there.
      file.close();
      if (!ended) await thread.call({ op: 'close' });
      ended = new BusError('closed', `Cannot use the journal ${path}: it is closed`);
      await thread.end();
    },
  };
}

/** Calls to the thread, answered in order. */
class JournalThread {
  readonly #worker: Worker;
  readonly #calls: PromiseWithResolvers<never>[] = [];
  readonly #unusable: (text: string, cause?: unknown) => BusError;
  #ended: BusError | undefined;

  constructor(
    path: string,
    unusable: (text: string, cause?: unknown) => BusError,
    onEnd: (error: BusError) => void,
  ) {
    this.#unusable = unusable;
    this.#worker = new Worker(new URL('./journal-worker.ts', import.meta.url), {
      workerData: { path },
    });
    this.#worker.on('message', (reply: ThreadReply) => this.#take(reply));
    const end = (cause?: unknown): void => {
      onEnd(this.#ended ??= unusable('its thread ended', cause));
      for (const { reject } of this.#calls.splice(0)) reject(this.#ended);
    };
    this.#worker.on('error', end);
    this.#worker.on('exit', () => end());
  }

  call<O extends ThreadCall['op']>(
    call: Extract<ThreadCall, { op: O }>,
  ): Promise<ThreadAnswers[O]> {
    if (this.#ended) return Promise.reject(this.#ended);
    const waiting = Promise.withResolvers<never>();
    this.#calls.push(waiting);
    this.#worker.postMessage(call);
    return waiting.promise;
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #take(reply: ThreadReply): void {
    const call = this.#calls.shift();
    if (reply.ok) call?.resolve(reply.answer as never);
    else call?.reject(this.#unusable(reply.message));
  }
}
