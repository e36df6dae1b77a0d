import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Pace } from './pace.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('steps that come at once are taken some time apart, one after a pause at once', async () => {
  const pace = new Pace(10);
  const taken: number[] = [];
  const begun = performance.now();
  const step = () => pace.step().then(() => taken.push(performance.now() - begun));
  void step();
  void step();
  void step();
  await vi.advanceTimersByTimeAsync(25);
  expect(taken).toEqual([0, 10, 20]);
  await vi.advanceTimersByTimeAsync(100);
  void step();
  await vi.advanceTimersByTimeAsync(0);
  expect(taken).toEqual([0, 10, 20, 125]);
});

test('look() takes a step whose time has come before its timer does', async () => {
  // Deno's timers, for one, come a millisecond late: here none comes at all.
  vi.stubGlobal('setTimeout', () => 0);
  const pace = new Pace(10);
  let taken = 0;
  await pace.step();
  void pace.step().then(() => taken++);
  for (const afterMs of [9, 1]) {
    expect(taken).toBe(0);
    vi.advanceTimersByTime(afterMs);
    pace.look();
    await Promise.resolve();
  }
  expect(taken).toBe(1);
  vi.unstubAllGlobals();
});
