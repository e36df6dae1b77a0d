import { expect, test } from 'vitest';
import { addedUp, dropsBetween } from './drops.ts';
import { machineBetween, type Reading, useBetween } from './meters.ts';
import { table } from './tables.ts';

const reading = (cpuUs: number, produce: number, machine: number[]): Reading => ({
  used: new Map([['a', {
    cpuUs,
    rssMiB: cpuUs / 100,
    counts: { produce, fetch: 0, other: 0, bytesIn: 0, bytesOut: 0 },
  }]]),
  machine,
});

test('useBetween() divides what was used meanwhile, and gives the last memory', () => {
  const before = reading(1_000, 10, []);
  const after = reading(9_000, 30, []);
  const [use] = useBetween([{ name: 'a', part: 'path', pid: 1 }], before, after, 4);
  expect(use).toMatchObject({ name: 'a', cpuMs: 2, rssMiB: 90, produce: 5 });
});

test('machineBetween() tells work from idleness and what was taken away', () => {
  const before = reading(0, 0, [100, 0, 100, 100, 0, 0, 0, 100]);
  const after = reading(0, 0, [130, 0, 110, 140, 10, 0, 0, 110]);
  expect(machineBetween(before, after)).toEqual({ busy: 0.4, stolen: 0.1 });
});

test('dropsBetween() has what moved, also what was not there before', () => {
  const before = { 'a{x="1"}': 5, 'b': 2 };
  const moved = dropsBetween(before, { 'a{x="1"}': 7, 'b': 2, 'c': 1 });
  expect(moved).toEqual({ 'a{x="1"}': 2, 'c': 1 });
  expect(addedUp(moved, /^a\{/)).toBe(2);
});

test('table() is Markdown with even columns', () => {
  expect(table(['a', 'long'], [['value', '1']]).split('\n')).toEqual([
    '| a     | long |',
    '| ----- | ---- |',
    '| value | 1    |',
  ]);
});
