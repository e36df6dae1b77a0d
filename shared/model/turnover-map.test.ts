import fc from 'fast-check';
import process from 'node:process';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
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
      expect([...map.values()]).toEqual([...plain.values()]);
      const told: [number, number][] = [];
      map.forEach((value, key) => told.push([key, value]));
      expect(told).toEqual([...plain]);
      expect(map.size).toBe(plain.size);
    }),
    { numRuns: 20 },
  );
});

test('TurnoverMap tells texts apart that are alike, however many', () => {
  const map = new TurnoverMap<string, number>();
  const texts = Array.from({ length: 1_000 }, (_, n) => `same${n}@publisher.example`);
  texts.forEach((text, n) => map.set(text, n));
  expect(texts.map((text) => map.get(text))).toEqual(texts.map((_, n) => n));
  for (const text of texts.slice(0, 990)) map.delete(text);
  expect([...map]).toEqual(texts.slice(990).map((text, n) => [text, 990 + n]));
  expect(map.has('same1@publisher.example')).toBe(false);
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

test('TurnoverMap is empty when it was cleared, and takes entries again', () => {
  const map = new TurnoverMap<string, number>();
  map.set('a', 1);
  map.set('b', 2);
  map.clear();
  expect([map.size, map.get('a'), [...map]]).toEqual([0, undefined, []]);
  map.set('b', 3);
  expect([...map]).toEqual([['b', 3]]);
});

/** Before, a collection of the young generation took what a WeakRef names for alive. */
const SEES_GONE = Number(process.versions.v8.split('.')[0]) >= 14;

test.runIf(SEES_GONE)('who has gone does not hang on lists that were given up', async () => {
  const map = new TurnoverMap<number, object>();
  map.set(-1, {});
  // Twice: who has lived through one is old after the next.
  for (let n = 0; n < 2; n++) collect('major');
  const refs = pass(map);
  for (let n = 0; n < 2; n++) {
    // A WeakRef holds until the turn of the event loop ends.
    await new Promise((resolve) => setTimeout(resolve, 0));
    collect('minor');
  }
  expect(refs.filter((ref) => ref.deref() !== undefined)).toHaveLength(0);
});

/** So many come that the lists grow, and all go. */
function pass(map: TurnoverMap<number, object>): WeakRef<object>[] {
  const refs = Array.from({ length: GROWING }, (_, n) => {
    const value = { n };
    map.set(n, value);
    return new WeakRef(value);
  });
  for (let n = 0; n < GROWING; n++) map.delete(n);
  return refs;
}

test('the texts of those who have gone do not grow old', () => {
  const map = new TurnoverMap<string, number>();
  collect('major');
  const before = oldBytes();
  for (let n = 0; n < TEXTS; n++) {
    map.set(`an id of its own ${n}`, n);
    map.delete(`an id of its own ${n - STAY}`);
  }
  // A Map has each of them among the old objects, 40 bytes and more.
  expect(oldBytes() - before).toBeLessThan(10 * TEXTS);
});

function oldBytes(): number {
  return getHeapSpaceStatistics().find((space) => space.space_name === 'old_space')!
    .space_used_size;
}

test.runIf(SEES_GONE)(
  'who has gone hangs on nobody who was there when all was collected',
  async () => {
    const map = new TurnoverMap<number, object>();
    const refs: WeakRef<object>[] = [];
    const pass = (from: number, to: number): void => {
      for (let n = from; n < to; n++) {
        const value = { n };
        if (n >= OLD) refs.push(new WeakRef(value));
        map.set(n, value);
        map.delete(n - STAY);
      }
    };
    pass(0, OLD);
    collect('major');
    for (let n = OLD; n < OLD + PASSING; n += STAY) {
      pass(n, n + STAY);
      // A WeakRef holds until the turn of the event loop ends.
      await new Promise((resolve) => setTimeout(resolve, 0));
      if (n % 100 === 0) collect('minor');
    }
    collect('minor');
    // A Map keeps nearly all of them.
    expect(refs.filter((ref) => ref.deref() !== undefined).length).toBeLessThan(PASSING / 4);
  },
);

const OLD = 100;
/** Entries for which the first lists are too short. */
const GROWING = 100;
const PASSING = 2_000;
const STAY = 10;
const TEXTS = 100_000;

function collect(type: 'minor' | 'major'): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as (options: object) => void)({ type });
}
