/** Brings the journal to the disk: flushes its write-ahead log, and moves the log into the database. */
import { closeSync, fdatasyncSync, openSync } from 'node:fs';
import type { DatabaseSync, StatementSync } from 'node:sqlite';

/** Under full load a checkpoint moves some MB at a time; what the disk is given at once, a flush waits for. */
const CHECKPOINT_INTERVAL_MS = 250;
/** Bytes of write-ahead log above which the log is started anew, at the price of a short wait. */
const RESTART_BYTES = 64 * 2 ** 20;

export class JournalDisk {
  readonly #logPath: string;
  readonly #pageBytes: number;
  readonly #passive: StatementSync;
  readonly #restart: StatementSync;
  readonly #timer: NodeJS.Timeout;
  #log: number | undefined;

  /** @param db a connection to the file at `path`, which nobody else checkpoints. */
  constructor(path: string, db: DatabaseSync) {
    this.#logPath = `${path}-wal`;
    this.#pageBytes = Number(db.prepare('PRAGMA page_size').get()!['page_size']);
    this.#passive = db.prepare('PRAGMA wal_checkpoint(PASSIVE)');
    this.#restart = db.prepare('PRAGMA wal_checkpoint(RESTART)');
    this.#timer = setInterval(() => this.#checkpoint(), CHECKPOINT_INTERVAL_MS);
  }

  /** Returns when everything that was committed before lies on the disk. @throws what the disk says. */
  sync(): void {
    fdatasyncSync(this.#log ??= openSync(this.#logPath, 'r+'));
  }

  close(): void {
    clearInterval(this.#timer);
    if (this.#log !== undefined) closeSync(this.#log);
  }

  #checkpoint(): void {
    try {
      const row = this.#passive.get() as { log: number } | undefined;
      if ((row?.log ?? 0) * this.#pageBytes < RESTART_BYTES) return;
      // Under constant load a passive checkpoint never reaches the end, and the log would grow for
      // ever. What a second one leaves over is short, so holding the writer for it costs little.
      this.#passive.get();
      this.#restart.get();
    } catch {
      // Busy or out of disk: who appends meets the same and reports it; try again.
    }
  }
}
