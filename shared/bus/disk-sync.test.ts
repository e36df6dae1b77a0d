import { expect, test } from 'vitest';
import { idOf, message } from './contract.ts';
import { DiskSync } from './disk-sync.ts';

/** A disk that is done with a step when the test says so. */
class SlowDisk {
  readonly steps: PromiseWithResolvers<void>[] = [];
  readonly synced: string[] = [];
  readonly errors: unknown[] = [];
  readonly sync: DiskSync;

  constructor() {
    const flush = (): Promise<void> => {
      const step = Promise.withResolvers<void>();
      this.steps.push(step);
      return step.promise;
    };
    this.sync = new DiskSync(flush, {
      onSynced: (_topic, records) => this.synced.push(...records.map(idOf)),
      onFailed: (error) => this.errors.push(error),
    });
  }

  add(id: string): void {
    this.sync.add('auction_outcomes', [message('auction_outcomes', 0, id)]);
  }

  async step(n: number): Promise<PromiseWithResolvers<void>> {
    await expect.poll(() => this.steps.length).toBe(n);
    return this.steps[n - 1]!;
  }
}

test('records are told of when the disk has them, those that came meanwhile with the next step', async () => {
  const disk = new SlowDisk();
  disk.add('a');
  const first = await disk.step(1);
  disk.add('b');
  disk.add('c');
  expect(disk.synced).toEqual([]);
  expect(disk.sync.waiting('auction_outcomes')).toBe(3);
  first.resolve();
  const second = await disk.step(2);
  expect(disk.synced).toEqual(['a']);
  expect(disk.sync.waiting('auction_outcomes')).toBe(2);
  second.resolve();
  await expect.poll(() => disk.synced).toEqual(['a', 'b', 'c']);
  expect(disk.steps).toHaveLength(2);
});

test('settled() waits for what was added before, and for nothing else', async () => {
  const disk = new SlowDisk();
  await disk.sync.settled();
  disk.add('a');
  const first = await disk.step(1);
  disk.add('b');
  let settled = false;
  const both = disk.sync.settled().then(() => settled = true);
  first.resolve();
  const second = await disk.step(2);
  disk.add('c');
  expect(settled).toBe(false);
  second.resolve();
  await both;
  expect(disk.synced).toEqual(['a', 'b']);
  (await disk.step(3)).resolve();
  await disk.sync.settled();
  expect(disk.synced).toEqual(['a', 'b', 'c']);
});

test('a disk that fails is told of once, and nothing is handed on any more', async () => {
  const disk = new SlowDisk();
  disk.add('a');
  const first = await disk.step(1);
  disk.add('b');
  const both = disk.sync.settled();
  first.reject(new Error('I/O error'));
  await expect(both).rejects.toThrow('I/O error');
  disk.add('c');
  await expect(disk.sync.settled()).rejects.toThrow('I/O error');
  await expect(disk.sync.flush()).rejects.toThrow('I/O error');
  expect(disk.synced).toEqual([]);
  expect(disk.steps).toHaveLength(1);
  expect(disk.errors).toEqual([new Error('I/O error')]);
});

test('flush() asks the disk, records or not', async () => {
  const disk = new SlowDisk();
  const flushed = disk.sync.flush();
  (await disk.step(1)).resolve();
  await flushed;
  expect(disk.synced).toEqual([]);
});
