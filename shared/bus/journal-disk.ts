/** Brings the journal to the disk: flushes its write-ahead log, and moves the log into the database. */
import { closeSync, fdatasyncSync, openSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';

/** Under full load a checkpoint moves some MB at a time; what the disk is given at once, a flush waits for. */
const CHECKPOINT_INTERVAL_MS = 250;
/** Bytes of write-ahead log above which the log is begun anew, at the price of a short wait. */
const RESTART_BYTES = 64 * 2 ** 20;

/** A write: one that changes nothing would be none. */
const COUNT_LOG =
  `INSERT INTO settings VALUES ('logs', 1) ON CONFLICT (name) DO UPDATE SET value = value + 1`;

/**
 * SQLite begins the log anew with the first write after all of it was moved. Whoever appends must not: it
 * does not flush. If the power failed then, the disk might have pages of the new log in the middle of the
 * old one, which would be taken for a good, shorter log and put the database back to what it was long ago.
 * So a reader is always there that still looks into the log, while this thread begins it anew, flushed.
 */
export class JournalDisk {
  readonly #logPath: string;
  readonly #pageBytes: number;
  /** Writes, and flushes when it begins the log. */
  readonly #writer: DatabaseSync;
  readonly #mover: DatabaseSync;
  readonly #passive: StatementSync;
  readonly #guard: DatabaseSync;
  readonly #timer: NodeJS.Timeout;
  #log: number | undefined;

  /** @param writer the thread's connection to the file at `path`, which nobody else checkpoints. */
  constructor(path: string, writer: DatabaseSync) {
    this.#logPath = `${path}-wal`;
    this.#pageBytes = Number(writer.prepare('PRAGMA page_size').get()!['page_size']);
    this.#writer = writer;
    this.#mover = new DatabaseSync(path);
    this.#passive = this.#mover.prepare('PRAGMA wal_checkpoint(PASSIVE)');
    this.#guard = new DatabaseSync(path);
    this.#hold();
    this.#timer = setInterval(() => this.#checkpoint(), CHECKPOINT_INTERVAL_MS);
  }

  /** Returns when everything that was committed before lies on the disk. @throws what the disk says. */
  sync(): void {
    fdatasyncSync(this.#log ??= openSync(this.#logPath, 'r+'));
  }

  close(): void {
    clearInterval(this.#timer);
    this.#guard.close();
    this.#mover.close();
    if (this.#log !== undefined) closeSync(this.#log);
  }

  #checkpoint(): void {
    try {
      if (this.#move().log * this.#pageBytes < RESTART_BYTES) return;
      // Under constant load there is always something left, and the log would grow for ever. What a
      // second one leaves over is short, so holding the writer for it costs little.
      this.#move();
      this.#restart();
    } catch {
      // Busy or out of disk: who appends meets the same and reports it; try again.
    }
  }

  /** Moves what the log has by now, as far as nobody reads what was before it. Waits for nobody. */
  #move(): Moved {
    const before = this.#passive.get() as unknown as Moved;
    // A reader that comes when all is moved has no need of the log, and guards nothing.
    if (before.checkpointed === before.log) return before;
    this.#hold();
    return this.#passive.get() as unknown as Moved;
  }

  /** Begins the log anew, unless somebody reads in it: then later. */
  #restart(): void {
    try {
      this.#writer.exec('BEGIN IMMEDIATE');
      const { log, checkpointed } = this.#move();
      if (checkpointed < log) return;
      // Only a transaction that begins when all is moved may begin the log. One that others were faster
      // than goes behind theirs.
      this.#writer.exec('ROLLBACK; BEGIN IMMEDIATE');
      this.#release();
      this.#writer.exec(`${COUNT_LOG}; COMMIT`);
    } finally {
      if (this.#writer.isTransaction) this.#writer.exec('ROLLBACK');
      if (!this.#guard.isTransaction) this.#hold();
    }
  }

  #hold(): void {
    this.#release();
    this.#guard.exec('BEGIN; SELECT 1 FROM settings');
  }

  #release(): void {
    if (this.#guard.isTransaction) this.#guard.exec('COMMIT');
  }
}

/** In pages. */
interface Moved {
  log: number;
  checkpointed: number;
}
