import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { makeSampler } from './sampler.ts';

const LOW = '1'.repeat(18) + '0'.repeat(14);
const HIGH = '1'.repeat(18) + 'f'.repeat(14);

test('makeSampler() follows the caller, or does not, as its name says', () => {
  const based = makeSampler('parentbased_traceidratio', 0);
  expect([based(LOW, true), based(LOW, false), based(HIGH, undefined)]).toEqual([
    true,
    false,
    false,
  ]);
  const alone = makeSampler('traceidratio', 1);
  expect([alone(LOW, false), alone(LOW, undefined)]).toEqual([true, true]);
  expect(makeSampler('always_off', 1)(HIGH, true)).toBe(false);
  expect(makeSampler('always_on', 0)(LOW, false)).toBe(true);
  expect(makeSampler('parentbased_always_off', 1)(HIGH, undefined)).toBe(false);
  expect(makeSampler('parentbased_always_on', 0)(LOW, undefined)).toBe(true);
});

test('makeSampler() keeps the traces with the highest last seven bytes', () => {
  const half = makeSampler('traceidratio', 0.5);
  expect(half('f'.repeat(18) + '7' + 'f'.repeat(13), undefined)).toBe(false);
  expect(half('0'.repeat(18) + '8' + '0'.repeat(13), undefined)).toBe(true);
});

test('makeSampler() keeps the share it is told, and of a smaller share none besides', () => {
  const [tenth, half] = [makeSampler('traceidratio', 0.1), makeSampler('traceidratio', 0.5)];
  const ids = Array.from({ length: 4_000 }, () => randomBytes(16).toString('hex'));
  const kept = ids.filter((id) => tenth(id, undefined));
  // Six standard deviations around 400.
  expect(kept.length).toBeGreaterThan(286);
  expect(kept.length).toBeLessThan(514);
  expect(kept.every((id) => half(id, undefined))).toBe(true);
});
