import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { runtimeCommand } from './runtime.ts';

const FIXTURE = fileURLToPath(new URL('./execute.fixture.ts', import.meta.url));

test('executed statements leave nothing in the old space of the heap', () => {
  const [program, ...args] = runtimeCommand(FIXTURE);
  expect(Number(execFileSync(program, args, { encoding: 'utf8' }))).toBeLessThan(16);
});
