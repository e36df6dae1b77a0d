/** Whoever waits for an answer keeps nothing of the request: the collector would carry it along. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { runtimeCommand, runtimeName } from '#shared/runtime/runtime.ts';

const FIXTURE = fileURLToPath(new URL('./waiting-requests.fixture.ts', import.meta.url));

function kept(...more: string[]): string {
  const [program, ...args] = runtimeCommand(FIXTURE);
  args.splice(-1, 0, runtimeName === 'deno' ? '--v8-flags=--expose-gc' : '--expose-gc');
  return execFileSync(program, [...args, ...more], { encoding: 'utf8', timeout: 20_000 }).trim();
}

test('neither gateway nor auction keeps the requests that wait', () => {
  expect(kept()).toBe('0 at the gateway, 0 at the auction, 0 held');
});

test('the control: requests that are held are found', () => {
  expect(kept('control')).toBe('20 at the gateway, 20 at the auction, 40 held');
});
