import { Buffer } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { describeStore } from './contract.ts';
import { createSqliteStore } from './sqlite.ts';
import { StoreError } from './store.ts';

const folder = mkdtempSync(join(tmpdir(), 'helios-store-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const newPath = () => join(folder, `store-${++files}.db`);

describeStore('createSqliteStore(file)', () => createSqliteStore({ path: newPath() }));
describeStore('createSqliteStore(:memory:)', () => createSqliteStore({ path: ':memory:' }));

const big = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => ({
    userId: `user-${from + i}`,
    bytes: new Uint8Array(1_000).fill(i),
  }));

describe('createSqliteStore()', () => {
  it('finds profiles and claims again after it was closed', async () => {
    const path = newPath();
    const first = createSqliteStore({ path });
    await first.putProfiles([{ userId: 'a', bytes: Uint8Array.of(7) }]);
    await first.claim('k', 'v', 60_000);
    await first.close();
    const second = createSqliteStore({ path });
    expect(await second.getProfiles(['a'])).toEqual([Uint8Array.of(7)]);
    expect(await second.claim('k', 'other', 60_000)).toBe('v');
    await second.close();
  });

  it('shares claims with another store on the same file', async () => {
    const path = newPath();
    const [one, two] = [createSqliteStore({ path }), createSqliteStore({ path })];
    expect(await one.claim('k', 'one', 60_000)).toBeUndefined();
    expect(await two.claim('k', 'two', 60_000)).toBe('one');
    await Promise.all([one.close(), two.close()]);
  });

  it('names the file and says corrupt when it is something else', () => {
    const path = newPath();
    writeFileSync(path, 'This is a letter, not a database. '.repeat(200));
    expect(() => createSqliteStore({ path })).toThrow(
      new StoreError('corrupt', `Cannot open the store ${path}: file is not a database`),
    );
    expect(caught(() => createSqliteStore({ path }))).toMatchObject({ code: 'corrupt' });
  });

  it('says corrupt when a page of the file was overwritten', async () => {
    const path = newPath();
    const store = createSqliteStore({ path });
    await store.putProfiles(big(0, 2_000));
    await store.close();
    const { size } = statSync(path);
    truncateSync(path, 4_096 * 4);
    truncateSync(path, size);
    const damaged = await attempt(async () => {
      const store = createSqliteStore({ path });
      await store.getProfiles(big(0, 2_000).map(({ userId }) => userId))
        .finally(() => store.close());
    });
    expect(damaged).toMatchObject({ code: 'corrupt' });
    expect(String(damaged)).toContain(path);
  });

  it('names the file and says unavailable when its folder is missing', () => {
    const path = join(folder, 'missing', 'store.db');
    const error = caught(() => createSqliteStore({ path }));
    expect(error).toMatchObject({ name: 'StoreError', code: 'unavailable' });
    expect(String(error)).toContain(path);
  });

  it('leaves nothing of a deleted profile in the file', async () => {
    const path = newPath();
    const store = createSqliteStore({ path });
    const bytes = Buffer.from('what nobody shall read');
    await store.putProfiles([...big(0, 20), { userId: 'erased', bytes }]);
    await store.deleteProfiles(['erased']);
    await store.close();
    expect(readFileSync(path).includes('nobody shall read')).toBe(false);
    expect(readFileSync(path).includes('erased')).toBe(false);
    expect(readFileSync(path).includes('user-19')).toBe(true);
  });

  it('leaves nothing of a deleted profile in the file and its log a second later', async () => {
    const path = newPath();
    const before = createSqliteStore({ path });
    await before.putProfiles([{ userId: 'old', bytes: Buffer.from('what nobody shall read') }]);
    await before.close();
    const store = createSqliteStore({ path });
    await store.putProfiles([{ userId: 'new', bytes: Buffer.from('nobody shall read this, too') }]);
    expect(await store.deleteProfiles(['old', 'new'])).toBe(2);
    const onDisk = () => Buffer.concat([readFileSync(path), readFileSync(`${path}-wal`)]);
    const isLeft = () => onDisk().includes('nobody shall read');
    expect(isLeft()).toBe(true);
    await expect.poll(isLeft, { timeout: 5_000 }).toBe(false);
    await store.close();
  });

  it('removes expired claims as new ones are made', async () => {
    const path = newPath();
    const store = createSqliteStore({ path });
    const database = new DatabaseSync(path);
    for (let i = 0; i < 2_000; i++) await store.claim(`k${i}`, 'v', 0);
    const { n } = database.prepare('SELECT count(*) AS n FROM claims').get() as { n: number };
    expect(n).toBeLessThanOrEqual(128);
    database.close();
    await store.close();
  });

  it('begins the log anew while claims are made all the time', async () => {
    const path = newPath();
    const store = createSqliteStore({ path });
    // Each writes 12 kB.
    for (let i = 0; i < 14_000; i++) {
      await store.claim(randomUUID(), 'v', 60_000);
      if (i % 5 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(statSync(`${path}-wal`).size).toBeLessThan(130_000_000);
    await store.close();
  });

  it('gives others their turn while thousands of profiles are written', async () => {
    const store = createSqliteStore({ path: newPath() });
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    await store.putProfiles(big(0, 20_000));
    clearInterval(timer);
    expect(turns).toBeGreaterThan(10);
    await store.close();
  });

  it('moves the log into the file while it stays open, and reports no failure', async () => {
    const path = newPath();
    const onError = vi.fn();
    const store = createSqliteStore({ path, onError });
    await store.putProfiles(big(0, 20_000));
    await vi.waitFor(() => expect(statSync(path).size).toBeGreaterThan(16_000_000), 10_000);
    expect(await store.getProfiles(['user-19999'])).toEqual([big(19_999, 1)[0]!.bytes.fill(31)]);
    await store.close();
    expect(onError).not.toHaveBeenCalled();
  });
});

function caught(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
}

async function attempt(run: () => Promise<unknown>): Promise<unknown> {
  return await run().then(() => undefined, (error) => error);
}
