import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { runtimeCommand } from './runtime.ts';

test('leave() ends with its code, whatever native libraries would do at the end', () => {
  const [program, ...args] = runtimeCommand(new URL('leave.fixture.ts', import.meta.url));
  const { status, signal, stdout } = spawnSync(program, args, { encoding: 'utf8' });
  expect({ status, signal, stdout }).toEqual({ status: 3, signal: null, stdout: 'closed\n' });
});
