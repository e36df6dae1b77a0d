/** The store of a single machine: one SQLite file, or memory. */
import { DatabaseSync } from 'node:sqlite';
import { execute } from '../runtime/execute.ts';
import { Checkpointer } from './sqlite-checkpoint.ts';
import { prepareStatements } from './sqlite-statements.ts';
import { type Store, StoreError } from './store.ts';

export interface SqliteStoreOptions {
  /** The file, made when missing (its folder is not); `:memory:` for none. */
  path: string;
  /** Told of failures in the background; nothing is lost by them. */
  onError?: (error: Error, about: { stage: 'checkpoint' }) => void;
}

/**
 * Several processes may open the same file. Reads and claims answer before the call returns to the
 * event loop; writes are done in the order they were called, in transactions of a few ms.
 * @throws {StoreError} `corrupt` when the file is not a store, `unavailable` when it cannot be opened.
 */
export function createSqliteStore({ path, onError = () => {} }: SqliteStoreOptions): Store {
  return new SqliteStore(path, onError);
}

/** Rows per transaction: about 2 ms, so that answers wait for a seed no longer than that. */
const WRITE_CHUNK = 256;
/** Rows per SELECT: about 3 ms. */
const READ_CHUNK = 1_000;
/** Every so many claims, expired ones are removed: twice as many, so the table cannot outgrow them. */
const SWEEP_EVERY = 64;
const SWEEP_ROWS_MAX = 2 * SWEEP_EVERY;
/** A claim is tried again when the one in its way was removed in between; twice in a row is not chance. */
const CLAIM_TRIES_MAX = 3;

/**
 * A cache-like store: WAL with `synchronous = NORMAL` may lose the last writes when the machine (not
 * the process) dies, and never waits for the disk. Memory-mapped reads are half as fast again.
 * A rowid table keeps its keys apart from the profiles, which makes counting 100,000 a matter of
 * 0.3 ms; WITHOUT ROWID takes 7. Deleted bytes are overwritten, a second later in the file, too.
 */
const SETUP = `
  PRAGMA busy_timeout = 1000;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA wal_autocheckpoint = 0;
  PRAGMA journal_size_limit = 16777216;
  PRAGMA mmap_size = 268435456;
  PRAGMA secure_delete = ON;
  CREATE TABLE IF NOT EXISTS profiles (user_id TEXT PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS claims (
    key TEXT PRIMARY KEY, value TEXT NOT NULL, until_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS claims_by_end ON claims (until_ms);
`;

class SqliteStore implements Store {
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #checkpointer: Checkpointer;
  readonly #sql: ReturnType<typeof prepareStatements>;
  /** The last write; each waits for the one before, so that a delete is never overtaken by a put. */
  #writes: Promise<unknown> = Promise.resolve();
  #claims = 0;
  #closing: Promise<void> | undefined;

  constructor(path: string, onError: NonNullable<SqliteStoreOptions['onError']>) {
    this.#path = path;
    this.#database = this.#try('open', () => new DatabaseSync(path));
    try {
      this.#sql = this.#try('open', () => {
        this.#database.exec(SETUP);
        return prepareStatements(this.#database);
      });
    } catch (error) {
      this.#database.close();
      throw error;
    }
    this.#checkpointer = new Checkpointer(
      path,
      (error) => onError(this.#failure('checkpoint', error), { stage: 'checkpoint' }),
    );
  }

  async getProfiles(userIds: readonly string[]): Promise<(Uint8Array | undefined)[]> {
    if (userIds.length <= READ_CHUNK) return this.#read(userIds);
    const found: (Uint8Array | undefined)[] = [];
    for (let at = 0; at < userIds.length; at += READ_CHUNK) {
      for (const bytes of this.#read(userIds.slice(at, at + READ_CHUNK))) found.push(bytes);
      await turn();
    }
    return found;
  }

  putProfiles(profiles: readonly { userId: string; bytes: Uint8Array }[]): Promise<void> {
    return this.#inOrder(async () => {
      await this.#inChunks(profiles, ({ userId, bytes }) => {
        execute(this.#sql.put, userId, bytes);
        this.#checkpointer.wrote(bytes.length);
      });
    });
  }

  deleteProfiles(userIds: readonly string[]): Promise<number> {
    return this.#inOrder(async () => {
      let deleted = 0;
      await this.#inChunks(userIds, (userId) => {
        deleted += Number(this.#sql.delete.run(userId).changes);
      });
      if (deleted > 0) this.#checkpointer.deleted();
      return deleted;
    });
  }

  async countProfiles(): Promise<number> {
    return Number(this.#try('read', () => this.#sql.count.get())?.['n']);
  }

  async claim(key: string, value: string, ttlMs: number): Promise<string | undefined> {
    return this.#try('write', () => {
      if (++this.#claims % SWEEP_EVERY === 0) {
        execute(this.#sql.sweep, Date.now(), SWEEP_ROWS_MAX);
      }
      this.#checkpointer.wrote(key.length + value.length);
      for (let tries = 0; tries < CLAIM_TRIES_MAX; tries++) {
        const nowMs = Date.now();
        if (this.#sql.claim.run(key, value, nowMs + ttlMs, nowMs).changes) return undefined;
        const taken = this.#sql.claimed.get(key);
        if (taken) return String(taken['value']);
      }
      throw new Error('the claim in its way comes and goes');
    });
  }

  async release(key: string, value: string): Promise<void> {
    this.#try('write', () => {
      execute(this.#sql.release, key, value);
      this.#checkpointer.wrote(key.length);
    });
  }

  async claimed(key: string): Promise<string | undefined> {
    const taken = this.#try('read', () => this.#sql.valid.get(key, Date.now()));
    return taken && String(taken['value']);
  }

  async check(): Promise<void> {
    this.#try('read', () => this.#sql.check.get());
  }

  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  async #close(): Promise<void> {
    await this.#writes;
    await this.#checkpointer.close();
    this.#database.close();
  }

  /** One id by its own statement; many by a JSON list, which is twice as fast as one by one. */
  #read(userIds: readonly string[]): (Uint8Array | undefined)[] {
    return this.#try('read', () => {
      const rows = userIds.length === 1
        ? [this.#sql.get.get(userIds[0]!)]
        : this.#sql.getMany.all(JSON.stringify(userIds));
      return (rows as unknown as (ProfileRow | undefined)[]).map((row) => row?.[0] ?? undefined);
    });
  }

  async #inChunks<T>(rows: readonly T[], write: (row: T) => void): Promise<void> {
    for (let at = 0; at < rows.length; at += WRITE_CHUNK) {
      if (at > 0) await turn();
      await this.#checkpointer.room();
      this.#try('write', () => {
        // Another process may hold the file: ask for the right to write first, not halfway.
        this.#database.exec('BEGIN IMMEDIATE');
        try {
          for (const row of rows.slice(at, at + WRITE_CHUNK)) write(row);
          this.#database.exec('COMMIT');
        } catch (error) {
          if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
          throw error;
        }
      });
    }
  }

  #inOrder<T>(write: () => Promise<T>): Promise<T> {
    if (this.#closing) return Promise.reject(this.#closed('write'));
    const done = this.#writes.then(write);
    this.#writes = done.catch(() => {});
    return done;
  }

  #try<T>(action: Action, run: () => T): T {
    if (this.#database && !this.#database.isOpen) throw this.#closed(action);
    try {
      return run();
    } catch (error) {
      throw this.#failure(action, error);
    }
  }

  #closed(action: Action): StoreError {
    return new StoreError('closed', `Cannot ${action} the store ${this.#path}: it is closed`);
  }

  #failure(action: Action, error: unknown): StoreError {
    const reason = error instanceof Error ? error.message : String(error);
    return new StoreError(
      CORRUPT.test(reason) ? 'corrupt' : 'unavailable',
      `Cannot ${action} the store ${this.#path}: ${reason}`,
      { cause: error },
    );
  }
}

type Action = 'open' | 'read' | 'write' | 'checkpoint';

/** SQLite's texts of SQLITE_NOTADB and SQLITE_CORRUPT: the codes are not on every runtime's errors. */
const CORRUPT = /file is not a database|malformed/;

/** Null where the list that was asked for has a gap. */
type ProfileRow = [bytes: Uint8Array | null];

/** Lets everything else that waits have its turn. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
