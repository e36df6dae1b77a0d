import { expect, test } from 'vitest';
import { course, liveFigures, secondsOfBids } from './live-figures.ts';
import { testSecond } from './test-second.ts';

test('without seconds or auctions there are no figures to show', () => {
  expect(liveFigures([])).toEqual({
    auctionsPerS: 0,
    fillRate: null,
    imps: 0,
    revenuePerMinute: 0,
    price: null,
  });
});

test('rates, money and prices of the last minute', () => {
  const busy = {
    auctions: 10,
    imps: 20,
    won: 10,
    revenueMicros: 20_000_000,
    priceMicros: 20_000_000,
  };
  const seconds = Array.from(
    { length: 120 },
    (_, at) => testSecond(at, at < 60 ? { auctions: 500, imps: 500 } : busy),
  );
  const figures = liveFigures(seconds);
  expect(figures.auctionsPerS).toBe(10);
  expect(figures.fillRate).toBe(0.5);
  // 600 impressions at 2.000 CPM cost 1.20.
  expect(figures.revenuePerMinute).toBeCloseTo(1.2);
  expect(figures.price).toBe(2);
});

test('bids are those of fewer seconds after a start', () => {
  const seconds = [testSecond(7), testSecond(8), testSecond(9)];
  expect(secondsOfBids({ seconds, bidsSince: 10 })).toBe(0);
  expect(secondsOfBids({ seconds, bidsSince: 8 })).toBe(2);
  expect(secondsOfBids({ seconds, bidsSince: 7 })).toBeUndefined();
  expect(secondsOfBids({ seconds: [], bidsSince: 7 })).toBeUndefined();
});

test('a course ends with the newest seconds and leaves none out', () => {
  const seconds = Array.from({ length: 103 }, (_, at) => testSecond(at, { auctions: 1 }));
  const points = course(seconds, (rows) => rows.length, 50);
  expect(points.length).toBeLessThanOrEqual(50);
  expect(points.at(-1)).toBe(3);
  expect(points.reduce<number>((sum, n) => sum + n!, 0)).toBe(103);
});
