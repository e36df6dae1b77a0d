import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Lookout } from './lookout.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('Lookout looks while something waits, rests then, and is woken again', () => {
  let waiting = 2;
  const look = vi.fn(() => --waiting > 0);
  const lookout = new Lookout(10, look);
  expect(vi.getTimerCount()).toBe(0);
  lookout.wake();
  lookout.wake();
  vi.advanceTimersByTime(100);
  expect(look).toHaveBeenCalledTimes(2);
  expect(vi.getTimerCount()).toBe(0);
  waiting = 1;
  lookout.wake();
  vi.advanceTimersByTime(100);
  expect(look).toHaveBeenCalledTimes(3);
});

test('stop() ends it for good', () => {
  const look = vi.fn(() => true);
  const lookout = new Lookout(10, look);
  lookout.wake();
  vi.advanceTimersByTime(10);
  lookout.stop();
  lookout.wake();
  vi.advanceTimersByTime(100);
  expect(look).toHaveBeenCalledTimes(1);
});
