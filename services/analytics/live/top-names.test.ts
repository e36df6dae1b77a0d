import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TopNames } from './top-names.ts';

test('the top are those that brought most, then won most, then were offered most, then by name', () => {
  const small = fc.nat({ max: 3 });
  const one = fc.record({
    name: fc.string({ maxLength: 2 }),
    won: small,
    offered: small,
    revenueMicros: small,
  });
  const all = fc.uniqueArray(one, { selector: ({ name }) => name, maxLength: 60 });
  fc.assert(fc.property(all, fc.integer({ min: 1, max: 10 }), (tops, count) => {
    const names = new TopNames();
    names.add(tops);
    const sorted = tops.toSorted((a, b) =>
      b.revenueMicros - a.revenueMicros || b.won - a.won || b.offered - a.offered ||
      (a.name < b.name ? -1 : 1)
    );
    expect(names.top(count)).toEqual(sorted.slice(0, count));
  }));
});
