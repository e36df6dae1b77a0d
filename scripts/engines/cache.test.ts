import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cached, dropCached } from './cache.ts';

const before = process.env['XDG_CACHE_HOME'];
let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'helios-cache-'));
  process.env['XDG_CACHE_HOME'] = home;
});
afterEach(() => {
  if (before === undefined) delete process.env['XDG_CACHE_HOME'];
  else process.env['XDG_CACHE_HOME'] = before;
  rmSync(home, { recursive: true, force: true });
});

const write = (text: string) => async (folder: string) =>
  writeFileSync(join(folder, 'engine'), text);

test('cached() fetches once', async () => {
  const folder = await cached('thing-1', write('first'));
  expect(await cached('thing-1', write('second'))).toBe(folder);
  expect(readFileSync(join(folder, 'engine'), 'utf8')).toBe('first');
});

test('cached() keeps nothing of a fetch that failed', async () => {
  const failing = async (folder: string) => {
    await write('half')(folder);
    throw new Error('the line broke');
  };
  await expect(cached('thing-1', failing)).rejects.toThrow('the line broke');
  expect(readdirSync(join(home, 'helios', 'engines'))).toEqual([]);
  expect(existsSync(join(await cached('thing-1', write('whole')), 'engine'))).toBe(true);
});

test('cached() lets the first of two fetches at once win', async () => {
  const gate = Promise.withResolvers<void>();
  const slow = cached('thing-1', async (folder) => {
    await gate.promise;
    await write('slow')(folder);
  });
  const folder = await cached('thing-1', write('quick'));
  gate.resolve();
  expect(await slow).toBe(folder);
  expect(readFileSync(join(folder, 'engine'), 'utf8')).toBe('quick');
  expect(readdirSync(join(home, 'helios', 'engines'))).toEqual(['thing-1']);
});

test('dropCached() makes it be fetched anew', async () => {
  await cached('thing-1', write('first'));
  dropCached('thing-1');
  const folder = await cached('thing-1', write('second'));
  expect(readFileSync(join(folder, 'engine'), 'utf8')).toBe('second');
});
