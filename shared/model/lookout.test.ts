import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Lookout } from './lookout.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('Lookout looks while something waits and a little longer, rests then, and is woken again', () => {
  let waiting = 2;
  const look = vi.fn(() => --waiting > 0);
  const lookout = new Lookout(10, look);
  expect(vi.getTimerCount()).toBe(0);
  lookout.wake();
  lookout.wake();
  vi.advanceTimersByTime(1_000);
  expect(look).toHaveBeenCalledTimes(11);
  expect(vi.getTimerCount()).toBe(0);
  waiting = 1;
  lookout.wake();
  vi.advanceTimersByTime(1_000);
  expect(look).toHaveBeenCalledTimes(21);
  expect(vi.getTimerCount()).toBe(0);
});

test('what comes before it rests lets it go on with the same timer', () => {
  const look = vi.fn(() => false);
  const lookout = new Lookout(10, look);
  const timers = vi.spyOn(globalThis, 'setInterval');
  for (let times = 0; times < 5; times++) {
    lookout.wake();
    vi.advanceTimersByTime(90);
  }
  expect(timers).toHaveBeenCalledTimes(1);
  expect(look).toHaveBeenCalledTimes(45);
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
