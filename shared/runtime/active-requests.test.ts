import { execFileSync } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { runtimeCommand, runtimeName } from './runtime.ts';

const FIXTURE = fileURLToPath(new URL('./active-requests.fixture.ts', import.meta.url));
/** Before, a collection of the young generation took what a WeakRef names for alive. */
const SEES_GONE = Number(process.versions.v8.split('.')[0]) >= 14;

test.runIf(SEES_GONE)('requests that have ended do not hang on each other', () => {
  const [program, ...args] = runtimeCommand(FIXTURE);
  args.splice(-1, 0, runtimeName === 'deno' ? '--v8-flags=--expose-gc' : '--expose-gc');
  expect(Number(execFileSync(program, args, { encoding: 'utf8' }))).toBeLessThan(10);
});
