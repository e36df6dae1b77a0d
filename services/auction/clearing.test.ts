import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clear } from './clearing.ts';
import type { AuctionType, Terms } from './terms.ts';

const rules = { incrementMicros: 10_000, defaultFloorMicros: 0 };

function terms(floorMicros: number, at: AuctionType = 2): Terms {
  const deal = at === 3 ? { id: 'd1' } : undefined;
  return { deal, floorMicros, lengthMissing: false, at };
}

describe('clear()', () => {
  test.each([
    ['the second bid plus the increment', 1_000_000, terms(850_000), 900_000, 910_000],
    ['the floor to a sole bidder', 1_000_000, terms(850_000), undefined, 850_000],
    ['the bid where the second is within the increment', 1_000_000, terms(0), 995_000, 1_000_000],
    ['the bid where the second is equal', 1_000_000, terms(0), 1_000_000, 1_000_000],
    ['the floor where the second plus the increment is below', 3_000_000, terms(2e6), 1e6, 2e6],
    ['the bid at first price', 1_000_000, terms(850_000, 1), 900_000, 1_000_000],
    ['the agreed price of a deal', 3_000_000, terms(1_500_000, 3), 2_900_000, 1_500_000],
    ['whole steps', 1_000_000, terms(0), 896_789, 906_000],
    ['a floor between steps as it is', 1_000_000, terms(850_500), undefined, 850_500],
    [
      'a floor between steps to a first price just above it',
      850_900,
      terms(850_500, 1),
      1,
      850_500,
    ],
    ['nothing where there is no floor', 1_000_000, terms(0), undefined, 0],
  ])('charges %s', (_what, bidMicros, itsTerms, secondMicros, priceMicros) => {
    expect(clear(bidMicros, itsTerms, secondMicros, rules).priceMicros).toBe(priceMicros);
  });

  test('stays between floor and bid and never misses a step by more than its width', () => {
    const micros = fc.integer({ min: 0, max: 5_000_000 });
    fc.assert(
      fc.property(
        micros,
        micros,
        fc.option(micros, { nil: undefined }),
        fc.constantFrom(1, 2, 3),
        (...[one, two, second, at]) => {
          const floorMicros = Math.min(one, two);
          const bidMicros = Math.max(one, two);
          const secondMicros = second === undefined ? undefined : Math.min(second, bidMicros);
          const { priceMicros } = clear(
            bidMicros,
            terms(floorMicros, at as AuctionType),
            secondMicros,
            rules,
          );
          expect(priceMicros).toBeLessThanOrEqual(bidMicros);
          expect(priceMicros).toBeGreaterThanOrEqual(floorMicros);
          expect(priceMicros % 1_000 === 0 || priceMicros === floorMicros).toBe(true);
        },
      ),
      { numRuns: 2_000, seed: 1 },
    );
  });
});
