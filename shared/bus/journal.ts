/** The journal seen from the bus: calls to its thread, answered in order. */
import { Worker } from 'node:worker_threads';
import { TurnoverMap } from '../model/turnover-map.ts';
import { BusError } from './bus.ts';
import type {
  DiskAnswer,
  DiskCall,
  JournalAnswers,
  JournalCall,
  JournalOpened,
  JournalReply,
  JournalRequest,
  JournalSettings,
} from './journal-protocol.ts';

export interface Journal {
  readonly partitions: number;
  call<O extends JournalCall['op']>(
    call: Extract<JournalCall, { op: O }>,
  ): Promise<JournalAnswers[O]>;
  /**
   * Resolves when everything that was appended lies on the disk. Not to be called again before. Rejects
   * with what the disk says. Not there where there is no disk.
   */
  sync?(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens the journal file, `:memory:` for one that ends with the process.
 * @param onFatal told when a thread of it has ended by itself: nothing can be stored any more
 * @throws {BusError} `corrupt`, `unavailable` or `misuse`, naming the file.
 */
export async function openJournal(
  path: string,
  partitions: number | undefined,
  onFatal: (error: unknown) => void,
): Promise<Journal> {
  const worker = startThread({ path, partitions, role: 'journal' });
  const calls = new TurnoverMap<number, {
    resolve: (answer: never) => void;
    reject: (e: Error) => void;
  }>();
  let lastId = 0;
  let ended: BusError | undefined;

  const stored = await opened(worker, path);
  worker.on('message', (reply: JournalReply) => {
    const call = calls.get(reply.id);
    calls.delete(reply.id);
    if (reply.ok) call?.resolve(reply.answer as never);
    else {call?.reject(
        new BusError('unavailable', `Cannot use the journal ${path}: ${reply.message}`),
      );}
  });
  const fail = (cause?: unknown): void => {
    if (!ended) {
      const text = `Cannot use the journal ${path}: its thread ended`;
      onFatal(ended = new BusError('unavailable', text, { cause }));
    }
    for (const call of calls.values()) call.reject(ended);
    calls.clear();
  };
  worker.on('error', fail);
  worker.on('exit', () => fail());
  const disk = path === ':memory:' ? undefined : openDisk({ path, partitions }, onFatal);

  const call: Journal['call'] = (request) => {
    if (ended) return Promise.reject(ended);
    const id = ++lastId;
    return new Promise((resolve, reject) => {
      calls.set(id, { resolve, reject });
      const message: JournalRequest = { id, ...request };
      worker.postMessage(message, message.op === 'append' ? [message.bytes] : []);
    });
  };
  return {
    partitions: stored.partitions,
    call,
    ...(disk && { sync: disk.sync }),
    async close() {
      await disk?.close();
      if (!ended) await call({ op: 'close' });
      ended = new BusError('closed', `Cannot use the journal ${path}: it is closed`);
      await worker.terminate();
    },
  };
}

function startThread(settings: JournalSettings): Worker {
  return new Worker(new URL('./journal-worker.ts', import.meta.url), { workerData: settings });
}

function opened(worker: Worker, path: string): Promise<{ partitions: number }> {
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('message', (first: JournalOpened) => {
      worker.off('error', reject);
      if (first.opened) return resolve(first);
      const text = first.code === 'misuse'
        ? first.message
        : `Cannot open the journal ${path}: ${first.message}`;
      void worker.terminate();
      reject(new BusError(first.code, text));
    });
  });
}

/** The thread that brings the journal to the disk: what was just appended, and the checkpoints. */
interface Disk {
  sync(): Promise<void>;
  close(): Promise<void>;
}

function openDisk(
  { path, partitions }: Omit<JournalSettings, 'role'>,
  onFatal: (error: unknown) => void,
): Disk {
  const worker = startThread({ path, partitions, role: 'disk' });
  const closed = Promise.withResolvers<void>();
  let syncing: PromiseWithResolvers<void> | undefined;
  let closing = false;
  let ended: BusError | undefined;
  const fail = (cause?: unknown): void => {
    if (!ended) {
      const text = `Cannot bring the journal ${path} to the disk: the thread that does ended`;
      ended = new BusError('unavailable', text, { cause });
      if (!closing) onFatal(ended);
    }
    syncing?.reject(ended);
    closed.resolve();
  };
  worker.on('error', fail);
  worker.on('message', (answer: DiskAnswer) => {
    if (answer === 'closed') closed.resolve();
    else if (answer.fault === undefined) syncing?.resolve();
    else syncing?.reject(new Error(`Cannot sync the journal ${path}: ${answer.fault}`));
  });
  worker.on('exit', () => fail());
  return {
    sync() {
      if (ended) return Promise.reject(ended);
      syncing = Promise.withResolvers();
      worker.postMessage('sync' satisfies DiskCall);
      return syncing.promise;
    },
    async close() {
      closing = true;
      if (!ended) worker.postMessage('close' satisfies DiskCall);
      await closed.promise;
      await worker.terminate();
    },
  };
}
