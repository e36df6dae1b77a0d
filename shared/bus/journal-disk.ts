/**
 * Brings the journal to the disk, on a thread that does nothing else: the journal's own would hold up
 * appends. It flushes the write-ahead log when it is told, and moves the log into the database.
 */
import { fdatasyncSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { MessagePort } from 'node:worker_threads';
import type { DiskAnswer, DiskCall } from './journal-protocol.ts';

/** Under full load a checkpoint moves some MB at a time; what the disk is given at once, a flush waits for. */
const CHECKPOINT_INTERVAL_MS = 250;
/** Bytes of write-ahead log above which the log is started anew, at the price of a short wait. */
const RESTART_BYTES = 64 * 2 ** 20;
/** How long a statement waits for the other thread's lock. */
export const BUSY_TIMEOUT_MS = 5_000;

/** Until `close` comes. The journal has been opened, so that its log is there. */
export function runDisk(path: string, port: MessagePort): void {
  const db = new DatabaseSync(path);
  db.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
  const pageBytes = Number(db.prepare('PRAGMA page_size').get()!['page_size']);
  const passive = db.prepare('PRAGMA wal_checkpoint(PASSIVE)');
  const restart = db.prepare('PRAGMA wal_checkpoint(RESTART)');
  const timer = setInterval(() => {
    try {
      const row = passive.get() as { log: number } | undefined;
      if ((row?.log ?? 0) * pageBytes < RESTART_BYTES) return;
      // Under constant load a passive checkpoint never reaches the end, and the log would grow for
      // ever. What a second one leaves over is short, so holding the writer for it costs little.
      passive.get();
      restart.get();
    } catch {
      // Busy or out of disk: the journal thread meets the same and reports it; try again.
    }
  }, CHECKPOINT_INTERVAL_MS);

  let log: number | undefined;
  const sync = (): DiskAnswer => {
    try {
      fdatasyncSync(log ??= openSync(`${path}-wal`, 'r+'));
      return {};
    } catch (error) {
      return { fault: (error as Error).message };
    }
  };
  port.on('message', (call: DiskCall) => {
    if (call === 'sync') return port.postMessage(sync());
    clearInterval(timer);
    db.close();
    port.postMessage('closed' satisfies DiskAnswer);
  });
}
