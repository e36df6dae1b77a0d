import { execFileSync } from 'node:child_process';
import { getPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { NICE } from './priority.ts';
import { runtimeCommand } from './runtime.ts';

test('giveWay() takes every thread of the process behind those of others', () => {
  const fixture = fileURLToPath(new URL('./priority.fixture.ts', import.meta.url));
  const [program, ...args] = runtimeCommand(fixture);
  const nice = JSON.parse(execFileSync(program, args, { encoding: 'utf8' })) as number[];
  expect(nice.length).toBeGreaterThan(0);
  for (const one of nice) expect(one).toBe(Math.max(NICE, getPriority()));
});
