/**
 * Moves the journal's write-ahead log into its database, on a thread that does nothing else: the
 * journal's own would hold up appends for 10 ms and more.
 */
import { DatabaseSync } from 'node:sqlite';
import type { MessagePort } from 'node:worker_threads';

/**
 * Under full load a checkpoint moves some MB at a time: whatever the disk is given at once, the
 * next commit waits for.
 */
const CHECKPOINT_INTERVAL_MS = 250;
/** Bytes of write-ahead log above which the log is started anew, at the price of a short wait. */
const RESTART_BYTES = 16 * 2 ** 20;
/** How long a statement waits for the other thread's lock. */
export const BUSY_TIMEOUT_MS = 5_000;

/** Until any message comes; then it answers `closed`. */
export function runCheckpoints(path: string, port: MessagePort): void {
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
  port.on('message', () => {
    clearInterval(timer);
    db.close();
    port.postMessage('closed');
  });
}
