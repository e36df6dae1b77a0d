import { expect, test } from 'vitest';
import { Latencies } from './latencies.ts';

test('Latencies.percentileMs() is exact up to 127 µs and within 1.6 % above', () => {
  for (const us of [0, 1, 127, 128, 1_000, 9_999, 123_456, 59_000_000, 2 ** 31 - 1]) {
    const latencies = new Latencies();
    latencies.record(us);
    latencies.record(3 * us);
    const shownUs = latencies.percentileMs(0.5) * 1000;
    expect(shownUs).toBeGreaterThanOrEqual(us - 1e-6);
    expect(shownUs).toBeLessThanOrEqual(us < 128 ? us : us * 1.016);
  }
});

test('Latencies.percentileMs() finds each rank of a known set', () => {
  const latencies = new Latencies();
  for (let us = 100; us >= 1; us--) latencies.record(us);
  expect(latencies.percentileMs(0.5)).toBeCloseTo(0.05, 9);
  expect(latencies.percentileMs(0.99)).toBeCloseTo(0.099, 9);
  expect(latencies.percentileMs(1)).toBeCloseTo(0.1, 9);
  expect(latencies.maxMs).toBeCloseTo(0.1, 9);
  expect(latencies.count).toBe(100);
});

test('Latencies.percentileMs() of nothing is NaN', () => {
  expect(new Latencies().percentileMs(0.5)).toBeNaN();
});
