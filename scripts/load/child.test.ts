import process from 'node:process';
import { expect, test } from 'vitest';
import { Child } from './child.ts';

/** `sh` and not a runtime: it starts at once. */
const shell = (script: string, stopMs?: number) =>
  new Child(['sh', '-c', script], { output: 'pipe', stopMs });

test('Child.stop() ends a process that listens, and says how it ended', async () => {
  const child = shell('trap "exit 0" TERM; echo up; while :; do sleep 0.05; done');
  await new Promise((resolve) => child.process.stdout!.once('data', resolve));
  expect(await child.stop()).toBe('code 0');
  expect(child.end).toBe('code 0');
});

test('Child.stop() kills a process that does not listen', async () => {
  const child = shell('trap "" TERM; echo up; while :; do sleep 0.05; done', 50);
  await new Promise((resolve) => child.process.stdout!.once('data', resolve));
  // Deno names the first signal it sent.
  expect(await child.stop()).toMatch(/^signal SIG(KILL|TERM)$/);
  expect(() => process.kill(child.pid, 0)).toThrow('ESRCH');
});

test('Child keeps the end of what was said on standard error', async () => {
  const child = shell('for n in $(seq 30); do echo line $n >&2; done; exit 3');
  expect(await child.ended).toBe('code 3');
  expect(child.lastLines.length).toBe(20);
  expect(child.lastLines.at(-1)).toBe('line 30');
});

test('Child.ended says why a program could not be started', async () => {
  expect(await new Child(['/no/such/program'], { output: 'pipe' }).ended).toContain('ENOENT');
});
