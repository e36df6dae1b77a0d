import { expect, test } from 'vitest';
import { threadOf } from './cpu-profile.ts';

test.each([
  ['CPU.20261126.143219.6007.0.001.cpuprofile', 0],
  ['CPU.20261126.143220.6007.12.013.cpuprofile', 12],
  ['CPU.1795703391887.5251.cpuprofile', 0],
  ['CPU.1795703392363.5251.worker-1.cpuprofile', 1],
  ['CPU.1795703392363.5251.worker-12.cpuprofile', 12],
])('threadOf() tells whose profile %s is', (name, thread) => {
  expect(threadOf(name)).toBe(thread);
});
