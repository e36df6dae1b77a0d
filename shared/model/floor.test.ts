import { describe, expect, test } from 'vitest';
import { floorToMicros, goesByLength, lengthFloorMicros } from './floor.ts';
import { PRICE_MICROS_MAX } from './money.ts';

describe('floorToMicros()', () => {
  test.each([[0.1, 100_000], [0, 0], [-0, 0], [-1, 0], [2e6, PRICE_MICROS_MAX]])(
    '%d CPM is %d',
    (cpm, micros) => expect(floorToMicros(cpm)).toBe(micros),
  );
});

describe('goesByLength()', () => {
  test.each([
    [{ mincpmpersec: 0.1 }, true],
    [{ durfloors: [{ maxdur: 15 }] }, true],
    [{ mincpmpersec: 0 }, false],
    [{ durfloors: [] }, false],
    [{}, false],
  ])('%j: %s', (floors, expected) => expect(goesByLength(floors)).toBe(expected));
});

describe('lengthFloorMicros()', () => {
  const durfloors = [
    { maxdur: 15, bidfloor: 5 },
    { mindur: 15, maxdur: 30, bidfloor: 10 },
    { mindur: 60 },
  ];

  test.each([
    [1, 5_000_000],
    [15, 10_000_000],
    [30, 10_000_000],
    [31, undefined],
    [60, 0],
  ])('of %d s by ranges is %s', (seconds, micros) => {
    expect(lengthFloorMicros({ durfloors }, seconds)).toBe(micros);
  });

  test('by the second has no noise of binary fractions, and an end', () => {
    expect(lengthFloorMicros({ mincpmpersec: 0.1 }, 3)).toBe(300_000);
    expect(lengthFloorMicros({ mincpmpersec: 1e6 }, Number.MAX_SAFE_INTEGER))
      .toBe(PRICE_MICROS_MAX);
  });
});
