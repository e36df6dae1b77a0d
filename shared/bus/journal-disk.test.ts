import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { JournalDisk } from './journal-disk.ts';
import { type JournalFile, makeJournalFile, openJournalFile } from './journal-file.ts';

let folder: string;
let path: string;
let file: JournalFile;
let ofThread: JournalFile;
let disk: JournalDisk;
let appended: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'helios-journal-'));
  path = join(folder, 'journal.db');
  file = makeJournalFile(path, 1);
  ofThread = openJournalFile(path);
  disk = new JournalDisk(path, ofThread.db);
  appended = 0;
});
afterEach(() => {
  file.close();
  disk.close();
  ofThread.close();
  rmSync(folder, { recursive: true, force: true });
});

function append(records: number, text = '[{}]'): void {
  const bytes = new TextEncoder().encode(text);
  for (; records > 0; records--) {
    const base = appended++;
    const batch = { topic: 'ad_events', partition: 0, base, count: 1, text: bytes } as const;
    expect(file.append(1, () => [batch])).toBe(true);
  }
}
/** Fills the log above the size at which it is begun anew. */
const appendMuch = () => append(24, `["${randomText(4 * 2 ** 20)}"]`);
const randomText = (length: number) => randomBytes(length * 3 / 4).toString('base64');
const log = () => readFileSync(`${path}-wal`);
const logBegin = () => log().subarray(0, 32).toString('hex');
const isMoved = () => {
  const moved = ofThread.db.prepare('PRAGMA wal_checkpoint(NOOP)').get()!;
  return moved['log'] === moved['checkpointed'];
};

test('a power cut takes nothing that was flushed, whatever the disk wrote first of what came later', async () => {
  append(60, `[{"text":"${'x'.repeat(700)}"}]`);
  disk.sync();
  await expect.poll(isMoved).toBe(true);
  const [database, flushed] = [readFileSync(path), log()];
  append(20, `[{"text":"${'y'.repeat(700)}"}]`);
  const later = log();
  for (let missing = 0; missing < flushed.length; missing += 4_096) {
    const torn = Buffer.from(later);
    flushed.copy(torn, 0, 0, missing);
    const after = join(folder, `after-${missing}.db`);
    writeFileSync(after, database);
    writeFileSync(`${after}-wal`, torn);
    const found = openJournalFile(after);
    const [ends] = found.answer({ op: 'ends', topics: ['ad_events'] });
    found.close();
    expect(ends?.end).toBeGreaterThanOrEqual(60);
  }
});

test('a long log is begun anew, and holds what is appended afterwards', async () => {
  const begin = logBegin();
  appendMuch();
  await expect.poll(logBegin, { timeout: 10_000 }).not.toBe(begin);
  const second = logBegin();
  append(3);
  await expect.poll(isMoved).toBe(true);
  append(3);
  expect(logBegin()).toBe(second);
  expect(ofThread.answer({ op: 'ends', topics: ['ad_events'] })).toMatchObject([{ end: 30 }]);
});

test('who reads for long, and so keeps the log from being begun anew, holds up nobody', async () => {
  const reader = new DatabaseSync(path);
  reader.exec('BEGIN; SELECT count(*) FROM batches');
  appendMuch();
  let longestMs = 0;
  let at = performance.now();
  for (const end = at + 1_000; at < end;) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    longestMs = Math.max(longestMs, performance.now() - at);
    at = performance.now();
    append(1);
  }
  expect(longestMs).toBeLessThan(2_000);
  const begin = logBegin();
  reader.close();
  await expect.poll(logBegin, { timeout: 10_000 }).not.toBe(begin);
});
