import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, it } from 'vitest';
import { Checkpointer } from './sqlite-checkpoint.ts';

const folder = mkdtempSync(join(tmpdir(), 'helios-checkpoint-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const MANY_BYTES = 100_000_000;

describe('Checkpointer', () => {
  it('moves the log into the file before there is room again', async () => {
    const path = join(folder, 'moved.db');
    const database = new DatabaseSync(path);
    database.exec('PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t (b)');
    database.prepare('INSERT INTO t VALUES (zeroblob(?))').run(1_000_000);
    expect(statSync(path).size).toBeLessThan(1_000_000);
    const checkpointer = new Checkpointer(path, (error) => expect.fail(error.message));
    checkpointer.wrote(MANY_BYTES);
    await checkpointer.room();
    expect(statSync(path).size).toBeGreaterThan(1_000_000);
    await checkpointer.close();
    database.close();
  });

  it('reports what fails and lets writers go on', async () => {
    const errors: Error[] = [];
    const path = join(folder, 'missing', 'store.db');
    const checkpointer = new Checkpointer(path, (error) => errors.push(error));
    checkpointer.wrote(MANY_BYTES);
    await checkpointer.room();
    expect(errors).toHaveLength(1);
    expect(errors[0]?.message).toMatch(/^unable to open database file/);
    await checkpointer.close();
  });

  it('does nothing for a store in memory', async () => {
    const checkpointer = new Checkpointer(':memory:', (error) => expect.fail(error.message));
    checkpointer.wrote(MANY_BYTES);
    await checkpointer.room();
    await checkpointer.close();
  });
});
