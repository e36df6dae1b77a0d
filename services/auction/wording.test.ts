import { describe, expect, test } from 'vitest';
import { cpm, listed, quoted } from './wording.ts';

describe('cpm()', () => {
  test.each([
    [0, '0.00 CPM'],
    [200_000, '0.20 CPM'],
    [1_050_000, '1.05 CPM'],
    [995_000, '0.995 CPM'],
    [1_000_001, '1.000001 CPM'],
    [1_000_100, '1.0001 CPM'],
    [1_000_000_000_000, '1000000.00 CPM'],
  ])('writes %i micros as %s', (micros, text) => {
    expect(cpm(micros)).toBe(text);
  });
});

describe('quoted()', () => {
  test('cuts a name that is too long to read', () => {
    expect(quoted('acme')).toBe('"acme"');
    expect(quoted('x'.repeat(1_000_000))).toHaveLength(67);
  });
});

describe('listed()', () => {
  test('names six and counts the rest', () => {
    expect(listed([15, 30])).toBe('15, 30');
    expect(listed(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'])).toBe('a, b, c, d, e, f and 2 more');
  });
});
