import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isDataDir, openDataDir } from './data-dir.ts';
import { DataDirError } from './data-dir-error.ts';
import { runtimeCommand } from './runtime.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'helios-data-dir-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('openDataDir() creates the folder, its parents included, and marks it', () => {
  const path = join(folder, 'a', 'b');
  expect(isDataDir(path)).toBe(false);
  const dataDir = openDataDir(path);
  expect(isDataDir(path)).toBe(true);
  dataDir.release();
  dataDir.release();
  expect(isDataDir(path)).toBe(true);
});

test('openDataDir() refuses a second owner within the process until the first lets go', () => {
  const first = openDataDir(folder);
  expect(() => openDataDir(folder)).toThrow(`it is in use by process ${process.pid}`);
  first.release();
  openDataDir(folder).release();
});

test('openDataDir() refuses the folder of another process, and has it when that is killed', async () => {
  const [command, ...args] = runtimeCommand(
    new URL('./data-dir.fixture.ts', import.meta.url),
    folder,
  );
  const holder = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(holder.stdout, 'data');
  try {
    expect(caught(() => openDataDir(folder))).toMatchObject({
      code: 'in-use',
      message: `Cannot use the data directory ${folder}: it is in use by process ${holder.pid}`,
    });
  } finally {
    holder.kill('SIGKILL');
    await once(holder, 'close');
  }
  openDataDir(folder).release();
});

test('openDataDir() refuses a folder with files of something else and leaves it as it was', () => {
  writeFileSync(join(folder, 'thesis.txt'), 'precious');
  expect(caught(() => openDataDir(folder))).toMatchObject({ code: 'foreign' });
  expect(readdirSync(folder)).toEqual(['thesis.txt']);
});

test('openDataDir() takes an empty volume, and a folder whose making was cut short', () => {
  mkdirSync(join(folder, 'lost+found'));
  writeFileSync(join(folder, 'lock.db'), '');
  openDataDir(folder).release();
  expect(isDataDir(folder)).toBe(true);
});

test.each([['the path itself', 'file'], ['a part of it', 'file/data']])(
  'openDataDir() says so when %s is a file',
  (_what, path) => {
    writeFileSync(join(folder, 'file'), '');
    expect(caught(() => openDataDir(join(folder, path)))).toMatchObject({ code: 'not-a-folder' });
  },
);

test('openDataDir() names a damaged lock file', () => {
  openDataDir(folder).release();
  writeFileSync(join(folder, 'lock.db'), 'not a database at all'.repeat(100));
  expect(caught(() => openDataDir(folder)).message).toContain('its lock.db is damaged');
});

test('openDataDir() gives up where nobody can make a folder', () => {
  expect(caught(() => openDataDir('/proc/helios/data')).name).toBe('DataDirError');
});

test.each([
  [{ code: 'EACCES' }, 'not-writable'],
  [{ code: 'EROFS' }, 'not-writable'],
  [{ code: 'ENOSPC' }, 'no-space'],
  [{ code: 'EIO' }, 'failed'],
])('DataDirError.from() sorts %j as %s', (fields, code) => {
  const error = Object.assign(new Error('mkdir'), fields);
  expect(DataDirError.from(error, './data')).toMatchObject({ code });
});

function caught(run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}
