import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { runtimeCommand, runtimeName } from './runtime.ts';

const FIXTURE = fileURLToPath(new URL('./http2-sessions.fixture.ts', import.meta.url));
/** No full collection takes away what is counted. */
const FLAGS = ['--expose-gc', '--no-allocation-site-pretenuring', '--heap-growing-percent=3000'];

// Deno 2.9.6 has much else that grows old with each call.
test.runIf(runtimeName === 'node')('calls that are over do not hang on each other', () => {
  const [program, ...args] = runtimeCommand(FIXTURE);
  args.splice(-1, 0, ...FLAGS);
  // In a Map all that a call was made of would: 2,600 bytes.
  expect(Number(execFileSync(program, args, { encoding: 'utf8' }))).toBeLessThan(1_000);
});
