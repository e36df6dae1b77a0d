import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openSqlToken, readSqlToken } from './sql-token.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'helios-token-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('openSqlToken() makes one token, for its owner alone, and keeps it', async () => {
  expect(await readSqlToken(folder)).toBeUndefined();
  const tokens = await Promise.all([openSqlToken(folder), openSqlToken(folder)]);
  expect(tokens[0]).toMatch(/^[\w-]{32}$/);
  expect(tokens[1]).toBe(tokens[0]);
  expect(await openSqlToken(folder)).toBe(tokens[0]);
  expect(await readSqlToken(folder)).toBe(tokens[0]);
  expect(readdirSync(folder)).toEqual(['sql-token']);
  expect(statSync(join(folder, 'sql-token')).mode & 0o777).toBe(0o600);
});

it('openSqlToken() makes the folder, and differs from one to the next', async () => {
  const [one, two] = [join(folder, 'a', 'b'), join(folder, 'c')];
  expect(await openSqlToken(one)).not.toBe(await openSqlToken(two));
});

it('openSqlToken() refuses a file with something else', async () => {
  writeFileSync(join(folder, 'sql-token'), 'short\n');
  await expect(openSqlToken(folder)).rejects.toThrow(
    `Cannot use the SQL token ${join(folder, 'sql-token')}: it holds something else, delete it`,
  );
});
