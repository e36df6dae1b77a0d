import { expect, test } from 'vitest';
import { createSeenWindow } from './seen-window.ts';
import { idOf } from './test-records.ts';

test('knows at least the last generation and forgets in the end', () => {
  const seen = createSeenWindow(3);
  for (const key of ['a', 'b', 'c', 'd']) expect(seen.add(key)).toBe(true);
  for (const key of ['b', 'c', 'd']) expect(seen.add(key)).toBe(false);
  for (const key of ['e', 'f', 'g']) seen.add(key);
  expect(seen.add('a')).toBe(true);
});

test('tells thousands of ids apart that differ in little, and knows each of them again', () => {
  const seen = createSeenWindow(20_000);
  const ids = Array.from({ length: 5_000 }, (_, n) => idOf(n, 1_766_000_000_000));
  const keys = [...ids, ...ids.map((id) => `${id}/undelivered`), '', '\0', '\0\0'];
  expect(keys.filter((key) => !seen.add(key))).toEqual([]);
  expect(keys.filter((key) => seen.add(key))).toEqual([]);
});
