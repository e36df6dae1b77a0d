import { expect, test } from 'vitest';
import {
  addPairs,
  PRICE_BOUNDS_MICROS,
  PRICE_CLASSES,
  priceClass,
  TIME_CLASSES,
  timeClass,
  timeQuantile,
  toPairs,
} from './classes.ts';

test('a price is in the first class whose bound it does not exceed', () => {
  expect(PRICE_CLASSES).toBe(25);
  PRICE_BOUNDS_MICROS.forEach((bound, at) => {
    expect([priceClass(bound), priceClass(bound + 1)]).toEqual([at, at + 1]);
  });
  expect(priceClass(0)).toBe(0);
});

test('times of 32 ms and less are exact, longer ones by 6 % at most', () => {
  for (let ms = 0; ms < 10_000; ms++) {
    const counts = new Uint32Array(TIME_CLASSES);
    counts[timeClass(ms)]!++;
    const told = timeQuantile(counts, 0.5)!;
    expect(told).toBeLessThanOrEqual(ms);
    expect(ms - told).toBeLessThanOrEqual(ms < 32 ? 0 : ms / 16);
  }
});

test('times that are none, or longer than any, have a class', () => {
  for (const ms of [-1, NaN, Infinity, 1e9]) {
    expect(timeClass(ms)).toBeGreaterThanOrEqual(0);
    expect(timeClass(ms)).toBeLessThan(TIME_CLASSES);
  }
});

test('a quantile is the time that its share does not exceed', () => {
  const counts = new Uint32Array(TIME_CLASSES);
  for (let ms = 1; ms <= 20; ms++) counts[timeClass(ms)]!++;
  expect(timeQuantile(counts, 0.5)).toBe(10);
  expect(timeQuantile(counts, 0.99)).toBe(20);
  expect(timeQuantile(new Uint32Array(TIME_CLASSES), 0.5)).toBeNull();
});

test('counts survive their way as pairs, and classes unknown here are passed over', () => {
  const counts = new Uint32Array([0, 3, 0, 7]);
  const copy = new Uint32Array(4);
  addPairs(copy, [...toPairs(counts), [9, 1]]);
  expect(copy).toEqual(counts);
});
