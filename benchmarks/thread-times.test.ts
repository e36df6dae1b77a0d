import { existsSync } from 'node:fs';
import process from 'node:process';
import { expect, test } from 'vitest';
import { threadTimes, timesBetween } from './thread-times.ts';

test.runIf(existsSync('/proc/self/task'))('threadTimes() sees who works', () => {
  const before = threadTimes(process.pid);
  const endMs = performance.now() + 50;
  while (performance.now() < endMs);
  const total = [...timesBetween(before, threadTimes(process.pid)).values()]
    .reduce((sum, us) => sum + us, 0);
  expect(total).toBeGreaterThan(1_000);
});

test('threadTimes() of a process that is not there is empty', () => {
  expect(threadTimes(2 ** 30).size).toBe(0);
});

test('timesBetween() counts a new thread from its start', () => {
  const between = timesBetween(new Map([['main', 10]]), new Map([['main', 15], ['other', 3]]));
  expect([...between]).toEqual([['main', 5], ['other', 3]]);
});
