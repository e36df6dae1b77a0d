import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { getPriority } from 'node:os';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { NICE } from './priority.ts';
import { runtimeCommand } from './runtime.ts';

const fixture = runtimeCommand(fileURLToPath(new URL('./priority.fixture.ts', import.meta.url)));

/** Runs a command as the first of a session of its own, and reads what it says. */
async function inOwnSession([program, ...args]: readonly string[]) {
  const child = spawn(program!, args, { detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
  return JSON.parse(await text(child.stdout)) as { nice: number[]; session: string };
}

test('giveWay() takes every thread of the process behind those of others', async () => {
  const { nice } = await inOwnSession(fixture);
  expect(nice.length).toBeGreaterThan(0);
  for (const one of nice) expect(one).toBe(Math.max(NICE, getPriority()));
});

test.runIf(existsSync('/proc/self/autogroup'))(
  'giveWay() takes its own session behind others, and leaves that of somebody else alone',
  async () => {
    // Linux takes one such change in 100 ms from all who are not root.
    await expect.poll(async () => (await inOwnSession(fixture)).session, { interval: 150 })
      .toMatch(/ nice 10$/);
    const inAShell = ['sh', '-c', '"$0" "$@"; exit', ...fixture];
    expect((await inOwnSession(inAShell)).session).toMatch(/ nice 0$/);
  },
);
