import { describe, expect, test, vi } from 'vitest';
import { createInsist } from './back-off.ts';

describe('createInsist()', () => {
  const quiet = { failed: () => {}, worked: () => {} };

  test('tries with growing, capped waits until it works', async () => {
    vi.useFakeTimers();
    try {
      const failures: number[] = [];
      let worked = 0;
      const insist = createInsist(new AbortController().signal, {
        failed: (_error, count) => failures.push(count),
        worked: () => worked++,
      });
      const times: number[] = [];
      const began = Date.now();
      const done = insist(async () => {
        times.push(Date.now() - began);
        if (times.length < 9) throw new Error('away');
        return 'here';
      });
      await vi.runAllTimersAsync();
      expect(await done).toBe('here');
      expect(times).toEqual([0, 100, 300, 700, 1500, 3100, 6300, 11_300, 16_300]);
      expect(failures).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
      expect(worked).toBe(1);
    } finally {
      vi.useRealTimers();
    }
  });

  test('gives up at once when told to, whether it waits or works', async () => {
    for (
      const work of [() => Promise.reject(new Error('away')), () => new Promise<void>(() => {})]
    ) {
      const end = new AbortController();
      const given = createInsist(end.signal, quiet)(work);
      const failed = expect(given).rejects.toThrow('enough');
      end.abort(new Error('enough'));
      await failed;
    }
  });
});
