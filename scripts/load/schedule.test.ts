import { expect, test } from 'vitest';
import { sendTimes, shareDone, spacedTimes, timeOfDay } from './schedule.ts';

test('sendTimes() at a constant rate spaces the sends evenly', () => {
  expect([...sendTimes({ ratePerS: 4, durationS: 1 })]).toEqual([0, 250, 500, 750]);
});

test('sendTimes() keeps the mean rate over a day of the curve', () => {
  const times = [...sendTimes({ ratePerS: 200, durationS: 30, dayS: 30 })];
  expect(Math.abs(times.length - 6000)).toBeLessThanOrEqual(6);
  expect(times.every((time, n) => n === 0 || time > times[n - 1]!)).toBe(true);
});

test('sendTimes() is busier in the evening than at dawn', () => {
  const times = [...sendTimes({ ratePerS: 100, durationS: 24, dayS: 24 })];
  const within = (fromS: number, toS: number) =>
    times.filter((time) => time >= fromS * 1000 && time < toS * 1000).length;
  // One second is an hour; the run begins at 06:00.
  expect(within(14, 16)).toBeGreaterThan(2.2 * within(0, 2));
});

test('spacedTimes() gives a count of sends, seconds apart', () => {
  expect([...spacedTimes(3, 0.5)]).toEqual([0, 500, 1000]);
});

test('timeOfDay() begins at 06:00 and goes round', () => {
  expect([0, 6_000, 18_500].map((atMs) => timeOfDay(atMs, 24))).toEqual([
    '06:00',
    '12:00',
    '00:30',
  ]);
});

test('shareDone() goes by the count where there is one, else by the clock', () => {
  expect(shareDone({ count: 1_500, duration: 30 }, 750, 10_000)).toBe(0.5);
  expect(shareDone({ duration: 30 }, 750, 10_000)).toBeCloseTo(1 / 3);
});
