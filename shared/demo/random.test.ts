import { expect, it } from 'vitest';
import { seededRandom } from './random.ts';

it('seededRandom() repeats itself for a seed and spreads evenly over 0 to 1', () => {
  const [one, same, other] = [seededRandom(1), seededRandom(1), seededRandom(2)];
  const numbers = Array.from({ length: 100_000 }, () => one());
  expect(Array.from({ length: 5 }, () => same())).toEqual(numbers.slice(0, 5));
  expect(Array.from({ length: 5 }, () => other())).not.toEqual(numbers.slice(0, 5));
  const tenths = new Array<number>(10).fill(0);
  for (const number of numbers) tenths[Math.floor(number * 10)]!++;
  for (const count of tenths) expect(Math.abs(count - 10_000)).toBeLessThan(500);
});
