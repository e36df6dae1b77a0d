/**
 * The SQLite file of the durable topics. A transaction of it outlives the process as soon as it is
 * committed; `journal-disk.ts` brings it to the disk.
 */
import { DatabaseSync } from 'node:sqlite';
import type { TopicName } from '../model/events.ts';
import { execute } from '../runtime/execute.ts';
import { BusError } from './bus.ts';
import { pack, unpack } from './journal-packing.ts';
import type {
  FileAnswers,
  FileCall,
  JournalBatch,
  Retention,
  StoredBatch,
  StoredPosition,
} from './journal-protocol.ts';
import { prepare } from './journal-statements.ts';

/**
 * Bytes of a page of a new file. A commit writes whole pages, and most of its pages hold little that
 * is new: smaller ones are fewer bytes, but more calls of the system.
 */
const PAGE_BYTES = 2_048;
/** Record batches deleted by one retention call: some ms of work, so that appends do not wait long. */
const RETAIN_BATCHES_MAX = 500;
/** Of a new file nobody asked more for: each is a row of its own in every commit, and packed alone. */
const PARTITIONS_NEW = 1;
/** ms to wait for the lock of another connection. */
const BUSY_TIMEOUT_MS = 5_000;
const SETUP = `PRAGMA page_size = ${PAGE_BYTES}; PRAGMA journal_mode = WAL;
  PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS};
  CREATE TABLE IF NOT EXISTS batches (
    topic TEXT NOT NULL, partition INTEGER NOT NULL, base INTEGER NOT NULL,
    count INTEGER NOT NULL, at_ms INTEGER NOT NULL, records TEXT NOT NULL);
  CREATE UNIQUE INDEX IF NOT EXISTS batches_by_offset ON batches (topic, partition, base);
  CREATE TABLE IF NOT EXISTS positions (
    grp TEXT NOT NULL, topic TEXT NOT NULL, partition INTEGER NOT NULL,
    offset INTEGER NOT NULL, note TEXT NOT NULL, PRIMARY KEY (grp, topic, partition)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID`;

/**
 * Of who appends: it never waits, neither for another's lock nor for the disk. Nothing needs the order in
 * which the log comes to the disk but moving its pages and beginning it anew, and both only the journal's
 * thread does, which flushes ({@link JournalDisk}).
 */
const HASTY = 'PRAGMA busy_timeout = 0; PRAGMA synchronous = OFF; PRAGMA wal_autocheckpoint = 0';
/** Of the journal's thread. */
const PATIENT = `PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}; PRAGMA synchronous = NORMAL;
  PRAGMA wal_autocheckpoint = 0`;

/**
 * Opens the file for whoever appends, and makes it when it is missing; `:memory:` for one that ends with
 * the process.
 * @param asked how many partitions there are from now on; undefined: as many as the file has
 * @throws {BusError} `corrupt`, `unavailable` or `misuse`, naming the file.
 */
export function makeJournalFile(path: string, asked: number | undefined): JournalFile {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(path);
    db.exec(SETUP);
    keepPartitions(db, asked);
    db.exec(HASTY);
    return new JournalFile(db);
  } catch (error) {
    db?.close();
    throw openFailure(path, error);
  }
}

/** Another connection to a file that was made: it waits for locks, and for the disk. */
export function openJournalFile(path: string): JournalFile {
  const db = new DatabaseSync(path);
  db.exec(PATIENT);
  return new JournalFile(db);
}

export class JournalFile {
  readonly partitions: number;
  readonly db: DatabaseSync;
  readonly #sql: ReturnType<typeof prepare>;
  /** Since when each append has met a lock. */
  #lockedSince: number | undefined;

  constructor(db: DatabaseSync) {
    this.db = db;
    this.#sql = prepare(db);
    this.partitions = Number(this.#sql.partitions.get()!['value']);
  }

  /**
   * Appends batches, all or none: some 30 µs, and 1.5 for each record of a large one.
   * @param batches asked for when nothing is in the way
   * @returns false where another connection writes: nothing was appended, to be tried again soon
   * @throws what SQLite says, also of a lock that stays for {@link BUSY_TIMEOUT_MS}; nothing was appended
   */
  append(atMs: number, batches: () => readonly JournalBatch[]): boolean {
    if (!this.#begin()) return false;
    this.#commit(() => {
      for (const { topic, partition, base, count, text } of batches()) {
        const packed = pack(text);
        const append = packed ? this.#sql.appendPacked : this.#sql.append;
        execute(append, topic, partition, base, count, atMs, packed ?? text);
      }
    });
    return true;
  }

  #begin(): boolean {
    try {
      execute(this.#sql.begin);
      this.#lockedSince = undefined;
      return true;
    } catch (error) {
      const now = performance.now();
      const since = this.#lockedSince ??= now;
      if (isLocked(error) && now - since < BUSY_TIMEOUT_MS) return false;
      this.#lockedSince = undefined;
      throw error;
    }
  }

  /** @throws what SQLite says. */
  answer<O extends FileCall['op']>(call: Extract<FileCall, { op: O }>): FileAnswers[O];
  answer(call: FileCall): FileAnswers[FileCall['op']] {
    switch (call.op) {
      case 'read':
        return this.#read(call);
      case 'ends':
        return call.topics.flatMap((topic) => this.#endsOf(topic));
      case 'positions':
        return this.#sql.positions.all(call.group, call.topic) as unknown as StoredPosition[];
      case 'commit':
        return this.#storePositions(call.positions);
      case 'retain':
        return this.#retain(call.retention);
      case 'ping':
        return null;
    }
  }

  /** Who closes last moves the log and deletes it, and flushes what it moved whatever it did before. */
  close(): void {
    this.db.exec('PRAGMA synchronous = NORMAL');
    this.db.close();
  }

  #read({ topic, partition, from, batchesMax }: Extract<FileCall, { op: 'read' }>): StoredBatch[] {
    const rows = this.#sql.read.all(topic, partition, topic, partition, from, from, batchesMax);
    return rows.map((row) => ({ ...row, records: unpack(row['records']) }) as StoredBatch);
  }

  /** By two looks into the index: reading through a day of full load would take a minute. */
  #endsOf(topic: TopicName): FileAnswers['ends'] {
    return Array.from({ length: this.partitions }, (_, partition) => {
      const start = Number(this.#sql.oldest.get(topic, partition)?.['base'] ?? 0);
      const end = Number(this.#sql.newest.get(topic, partition)?.['end'] ?? 0);
      return { topic, partition, start, end };
    }).filter(({ end }) => end > 0);
  }

  #storePositions(positions: readonly StoredPosition[]): null {
    execute(this.#sql.begin);
    this.#commit(() => {
      for (const { group, topic, partition, offset, note } of positions) {
        execute(this.#sql.position, group, topic, partition, offset, note);
      }
    });
    return null;
  }

  /** Ends the transaction that was begun: all that `work` does is kept, or nothing. */
  #commit(work: () => void): void {
    try {
      work();
      execute(this.#sql.commit);
    } catch (error) {
      if (this.db.isTransaction) this.db.exec('ROLLBACK');
      throw error;
    }
  }

  #retain({ topic, beforeMs, lostMs, floors }: Retention): boolean {
    const { oldest, unread, retain } = this.#sql;
    let isDone = true;
    for (const { partition, offset } of floors) {
      const age = Number(oldest.get(topic, partition)?.['at_ms'] ?? Infinity);
      if (age >= beforeMs) continue;
      const oldestUnread = Number(unread.get(topic, partition)?.['offset'] ?? Infinity);
      const oldestFirst = [topic, partition, RETAIN_BATCHES_MAX] as const;
      const [floor, before] = age < lostMs
        ? [offset, lostMs]
        : [Math.min(offset, oldestUnread), beforeMs];
      const { changes } = retain.run(...oldestFirst, floor, before, topic, partition);
      if (Number(changes) === RETAIN_BATCHES_MAX) isDone = false;
    }
    return isDone;
  }
}

/** SQLITE_BUSY with whatever further byte. */
function isLocked(error: unknown): boolean {
  return ((error as { errcode?: number }).errcode ?? 0) % 256 === 5;
}

/** Fewer than before would leave records that nobody reads. */
function keepPartitions(db: DatabaseSync, asked: number | undefined): void {
  const stored = db.prepare(`SELECT value FROM settings WHERE name = 'partitions'`).get();
  const before = Number(stored?.['value'] ?? 0);
  const partitions = asked ?? (before || PARTITIONS_NEW);
  if (before > partitions) {
    const text = `the journal has ${before} partitions; allowed is ${before} or more`;
    throw new BusError('misuse', `PARTITIONS=${partitions}: ${text}`);
  }
  db.prepare(`INSERT OR REPLACE INTO settings VALUES ('partitions', ?)`).run(partitions);
}

function openFailure(path: string, error: unknown): BusError {
  if (error instanceof BusError) return error;
  const { message } = error as Error;
  const isCorrupt = /malformed|not a database|corrupt/i.test(message);
  const code = isCorrupt ? 'corrupt' : 'unavailable';
  return new BusError(code, `Cannot open the journal ${path}: ${message}`, { cause: error });
}
