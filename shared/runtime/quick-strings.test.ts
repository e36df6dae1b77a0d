import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { runtimeCommand, runtimeName } from './runtime.ts';

const FIXTURE = fileURLToPath(new URL('./quick-strings.fixture.ts', import.meta.url));

test('the methods of texts are quick again, whatever was loaded', () => {
  const [program, ...args] = runtimeCommand(FIXTURE);
  const flag = '--allow-natives-syntax';
  args.splice(-1, 0, runtimeName === 'deno' ? `--v8-flags=${flag}` : flag);
  // The first half is the control: where nothing makes them slow any more, nothing is to be settled.
  expect(execFileSync(program, args, { encoding: 'utf8' }).trim()).toBe('slow, then quick');
});
