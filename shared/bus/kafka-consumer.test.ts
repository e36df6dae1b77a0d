import type { Consumer } from 'kafkajs';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FETCH_PACE_MS, paceFetches } from './kafka-consumer.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('paceFetches() waits once for all partitions of a fetch', async () => {
  let fetched = () => {};
  const events = { FETCH: 'consumer.fetch' };
  const on = (_event: string, listener: () => void) => fetched = listener;
  const paced = paceFetches({ events, on } as unknown as Consumer);
  const begun = performance.now();
  const taken: number[] = [];
  void (async () => {
    for (let fetch = 0; fetch < 3; fetch++) {
      fetched();
      for (let partition = 0; partition < 4; partition++) await paced();
      taken.push(performance.now() - begun);
    }
  })();
  await vi.advanceTimersByTimeAsync(10 * FETCH_PACE_MS);
  expect(taken).toEqual([0, FETCH_PACE_MS, 2 * FETCH_PACE_MS]);
});
