import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TurnoverMap } from './turnover-map.ts';

test('TurnoverMap holds what a Map would, in the same order', () => {
  const key = fc.nat({ max: 40 });
  const step = fc.oneof(
    fc.record({ kind: fc.constant('set' as const), key }),
    fc.record({ kind: fc.constant('delete' as const), key }),
  );
  fc.assert(
    fc.property(fc.array(step, { minLength: 1_500, maxLength: 2_000 }), (steps) => {
      const plain = new Map<number, number>();
      const map = new TurnoverMap<number, number>();
      steps.forEach(({ kind, key }, n) => {
        if (kind === 'set') {
          plain.set(key, n);
          map.set(key, n);
        } else expect(map.delete(key)).toBe(plain.delete(key));
        expect(map.get(key)).toBe(plain.get(key));
        expect(map.has(key)).toBe(plain.has(key));
      });
      expect([...map]).toEqual([...plain]);
      expect(map.size).toBe(plain.size);
    }),
    { numRuns: 20 },
  );
});

test('TurnoverMap may lose entries while it is gone through', () => {
  const map = new TurnoverMap<number, string>();
  for (let n = 0; n < 10; n++) map.set(n, `${n}`);
  const seen: number[] = [];
  for (const [n] of map) {
    seen.push(n);
    map.delete(n);
  }
  expect(seen).toHaveLength(10);
  expect(map.size).toBe(0);
});
