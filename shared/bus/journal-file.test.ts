import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type JournalFile, makeJournalFile, openJournalFile } from './journal-file.ts';
import type { JournalBatch } from './journal-protocol.ts';

let folder: string;
let path: string;
let file: JournalFile;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'helios-journal-'));
  path = join(folder, 'journal.db');
  file = makeJournalFile(path, 1);
});
afterEach(() => {
  vi.restoreAllMocks();
  file.close();
  rmSync(folder, { recursive: true, force: true });
});

const batch = (base: number, text = '[{}]'): JournalBatch => ({
  topic: 'ad_events',
  partition: 0,
  base,
  count: 1,
  text: new TextEncoder().encode(text),
});
const ends = () => file.answer({ op: 'ends', topics: ['ad_events'] });

test('append() takes all batches or none', () => {
  // Offsets are given once.
  expect(() => file.append(1, () => [batch(0), batch(1), batch(0)])).toThrow('UNIQUE');
  expect(ends()).toEqual([]);
  const faulty = () => {
    throw new Error('no text');
  };
  expect(() => file.append(1, faulty)).toThrow('no text');
  expect(file.append(1, () => [batch(0), batch(1)])).toBe(true);
  expect(ends()).toMatchObject([{ start: 0, end: 2 }]);
});

test('append() does not wait for another connection that writes, and gives up after five seconds', () => {
  const other = new DatabaseSync(path);
  other.exec('BEGIN IMMEDIATE');
  const asked = vi.fn(() => [batch(0)]);
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  for (now of [0, 1, 4_999]) expect(file.append(1, asked)).toBe(false);
  now = 5_000;
  expect(() => file.append(1, asked)).toThrow('database is locked');
  // The next ones have their five seconds, too.
  now = 5_001;
  expect(file.append(1, asked)).toBe(false);
  expect(asked).not.toHaveBeenCalled();
  other.exec('COMMIT');
  other.close();
  expect(file.append(1, asked)).toBe(true);
});

test('another connection reads what was appended, at once', () => {
  const reader = openJournalFile(path);
  const read = () =>
    reader.answer({ op: 'read', topic: 'ad_events', partition: 0, from: 0, batchesMax: 9 });
  file.append(1, () => [batch(0, '[{"a":1}]')]);
  expect(read()).toMatchObject([{ base: 0, records: '[{"a":1}]' }]);
  file.append(1, () => [batch(1, '[{"a":2}]')]);
  expect(read()).toHaveLength(2);
  reader.close();
});

test('close() of the last connection flushes what it moves, also of who appends', () => {
  const { db } = file;
  const synchronous = () => db.prepare('PRAGMA synchronous').get();
  expect(synchronous()).toEqual({ synchronous: 0 });
  const closed = vi.spyOn(db, 'close').mockImplementation(() => {
    expect(synchronous()).toEqual({ synchronous: 1 });
  });
  file.close();
  expect(closed).toHaveBeenCalledOnce();
});
