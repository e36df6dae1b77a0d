import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { RowSpool } from './row-spool.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'helios-spool-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('RowSpool keeps pieces of several calls apart and in order', () => {
  const spool = new RowSpool(join(folder, 'spool'));
  spool.append(1, 'ü1\n');
  spool.append(2, Uint8Array.of(0, 255));
  spool.append(1, '😀2\n');
  expect([spool.finish(1), spool.finish(2), spool.finish(3)]).toEqual([4 + 6, 2, 0]);
  expect(readFileSync(spool.path(1), 'utf8')).toBe('ü1\n😀2\n');
  expect([...readFileSync(spool.path(2))]).toEqual([0, 255]);
  spool.remove(1);
  expect(readdirSync(join(folder, 'spool'))).toEqual(['2']);
  new RowSpool(join(folder, 'spool'));
  expect(readdirSync(join(folder, 'spool'))).toEqual([]);
});

it('RowSpool tells at the end of a file what went wrong with it', () => {
  const spool = new RowSpool(join(folder, 'spool'));
  rmSync(join(folder, 'spool'), { recursive: true });
  spool.append(1, 'row\n');
  spool.append(1, 'row\n');
  expect(() => spool.finish(1)).toThrow('ENOENT');
  expect(() => spool.finish(1)).not.toThrow();
});
