/**
 * The folder everything durable lies in, owned by one process at a time.
 *
 * The owner holds a SQLite transaction on `lock.db`: a lock of the kernel's, which is free again
 * however the process ends, `kill -9` included. Nothing is ever written to it.
 */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { DatabaseSync } from 'node:sqlite';
import { DataDirError } from './data-dir-error.ts';

export interface DataDir {
  /** As it was given. */
  readonly path: string;
  /** Lets another process have the folder. */
  release(): void;
}

/** Present in every data directory, so that nothing else is ever taken, or deleted, as one. */
const MARKER = 'helios.json';
/** Opening and closing this file anywhere else in this process would free the lock (POSIX). */
const LOCK = 'lock.db';
const OWNER = 'lock.pid';

/**
 * Deleted last, in this order: until everything else is gone the folder says what it is, and until it is
 * empty nobody has its lock.
 */
export const DELETED_LAST: readonly string[] = [MARKER, LOCK, `${LOCK}-journal`, OWNER];

/** Found in folders that are empty all the same; kept by a reset. */
export const HARMLESS: readonly string[] = ['lost+found', '.DS_Store', '.gitkeep'];

/**
 * Creates the folder when it is missing and locks it.
 * @throws {DataDirError} with one line that says why it cannot be used.
 */
export function openDataDir(path: string): DataDir {
  try {
    makeFolder(path);
    if (!isDataDir(path) && readdirSync(path).some((name) => !MAY_BE_THERE.has(name))) {
      throw new DataDirError(
        'foreign',
        path,
        'it holds files of something else; set DATA_DIR to a new or empty folder',
      );
    }
    const lock = takeLock(path);
    sign(path, lock);
    return {
      path,
      release() {
        if (!lock.isOpen) return;
        rmSync(join(path, OWNER), { force: true });
        lock.close();
      },
    };
  } catch (error) {
    throw DataDirError.from(error, path);
  }
}
/** What a process that was killed while it made the folder leaves. */
const MAY_BE_THERE = new Set([...HARMLESS, LOCK, `${LOCK}-journal`, OWNER]);
const MARKER_TEXT = JSON.stringify({ what: 'Data of a Helios exchange', version: 1 }) + '\n';

/** Whether the folder is, or was, used by {@link openDataDir}. */
export function isDataDir(path: string): boolean {
  return existsSync(join(path, MARKER));
}

/** Node's own `recursive` turns EROFS into ENOENT and never returns for a path below /proc. */
function makeFolder(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && !existsSync(dirname(path))) {
      makeFolder(dirname(path));
      makeFolder(path);
    } else if (code !== 'EEXIST' || !statSync(path).isDirectory()) {
      throw error;
    }
  }
}

function takeLock(path: string): DatabaseSync {
  const lock = new DatabaseSync(join(path, LOCK));
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock.close();
    if (!/locked/.test((error as Error).message)) throw error;
    throw new DataDirError('in-use', path, `it is in use by ${owner(path)}`);
  }
}

/** Says who owns the folder, and what it is. */
function sign(path: string, lock: DatabaseSync): void {
  try {
    writeFileSync(join(path, OWNER), `${process.pid}\n`);
    if (!isDataDir(path)) writeFileSync(join(path, MARKER), MARKER_TEXT);
  } catch (error) {
    lock.close();
    throw error;
  }
}

function owner(path: string): string {
  try {
    return `process ${readFileSync(join(path, OWNER), 'utf8').trim()}`;
  } catch {
    return 'another process';
  }
}
