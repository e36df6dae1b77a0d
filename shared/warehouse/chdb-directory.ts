/**
 * Why a data directory of chDB cannot be opened. The engine says it on standard error only and
 * throws a bare "Failed to create connection", so the causes people meet are looked for here.
 */
import { accessSync, constants, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { WarehouseError } from './warehouse.ts';

/** The file chDB locks while it has the directory; it begins with `PID: 4711`. */
const STATUS = 'status';

/**
 * Makes the directory and finds out whether it can be opened.
 * @throws {WarehouseError} `unavailable` when it cannot be written or another process has it.
 */
export function prepareDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new WarehouseError('unavailable', `Cannot open the warehouse in ${path}: ${cause}`, {
      cause,
    });
  }
  const status = join(path, STATUS);
  const owner = lockOwner(status);
  // Another file system may have a file of this number, locked by somebody else.
  if (owner !== undefined && owner === namedOwner(status)) throw inUse(path, owner);
}

/** What is left to blame when the engine refuses a directory that {@link prepareDirectory} found usable. */
export function refusal(path: string, cause: unknown): WarehouseError {
  const owner = namedOwner(join(path, STATUS));
  if (owner !== undefined) return inUse(path, owner, cause);
  const zone = process.env.TZ ?? '';
  if (!isZone(zone)) {
    const text = `TZ=${zone}: ClickHouse knows names of time zones, such as Europe/Berlin`;
    return new WarehouseError('unavailable', `Cannot open the warehouse in ${path}: ${text}`, {
      cause,
    });
  }
  return new WarehouseError(
    'corrupt',
    `Cannot open the warehouse in ${path}: its files do not load`,
    { cause },
  );
}

/** What names a file (`:/etc/localtime`), or nothing, is good. */
function isZone(text: string): boolean {
  const name = text.replace(/^:/, '');
  if (name === '' || name.startsWith('/')) return true;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}

function inUse(path: string, owner: number, cause?: unknown): WarehouseError {
  return new WarehouseError(
    'unavailable',
    `Cannot open the warehouse in ${path}: process ${owner} is using it`,
    { cause },
  );
}

/** The other process that locks a file, where the system tells (Linux). */
function lockOwner(file: string): number | undefined {
  let locks: string;
  let inode: number;
  try {
    inode = statSync(file).ino;
    locks = readFileSync('/proc/locks', 'utf8');
  } catch {
    return undefined;
  }
  // 12: FLOCK  ADVISORY  WRITE 4711 08:01:1234567 0 EOF
  const line = locks.split('\n').find((lock) => lock.split(/\s+/)[5]?.endsWith(`:${inode}`));
  const owner = Number(line?.split(/\s+/)[4]);
  return owner > 0 && owner !== process.pid ? owner : undefined;
}

/** The other process that the engine's own note names, if it still runs. */
function namedOwner(file: string): number | undefined {
  try {
    const owner = Number(/^PID: (\d+)/.exec(readFileSync(file, 'utf8'))?.[1]);
    if (!(owner > 0) || owner === process.pid) return undefined;
    process.kill(owner, 0);
    return owner;
  } catch {
    return undefined;
  }
}
