import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { createInterface, type Interface } from 'node:readline';
import { expect, test } from 'vitest';
import { runtimeCommand } from './runtime.ts';

test.each(['SIGTERM', 'SIGINT'] as const)(
  'onStop() drains at %s and exits with 0',
  async (signal) => {
    const { child, lines } = start('quick');
    await once(lines, 'line');
    process.kill(child.pid!, signal);
    expect(await end(child, lines)).toEqual({ lines: [`drain ${signal}`], code: 0 });
  },
);

test('onStop() takes a signal that comes twice at once for one, and leaves at a later one', async () => {
  const { child, lines } = start('endless');
  await once(lines, 'line');
  const rest = end(child, lines);
  process.kill(child.pid!, 'SIGINT');
  await once(lines, 'line');
  process.kill(child.pid!, 'SIGINT');
  const impatient = setInterval(() => process.kill(child.pid!, 'SIGTERM'), 200);
  expect(await rest).toEqual({ lines: ['drain SIGINT'], code: 143 });
  clearInterval(impatient);
});

test.each([
  ['throw', 'uncaughtException', 'a bug'],
  ['reject', 'unhandledRejection', 'a lost promise'],
])(
  'onStop() reports, drains and exits with 1 after a crash (%s)',
  async (crash, stage, message) => {
    const { child, lines } = start('quick', crash);
    expect(await end(child, lines)).toEqual({
      lines: ['up', `${stage}: ${message}`, `drain ${stage}`],
      code: 1,
    });
  },
);

test('onStop() exits with 1 when the handler fails', async () => {
  const { child, lines } = start('failing');
  await once(lines, 'line');
  process.kill(child.pid!, 'SIGTERM');
  expect(await end(child, lines)).toEqual({
    lines: ['drain SIGTERM', 'drain_failed: the journal is gone'],
    code: 1,
  });
});

test.each([
  ['its time', ['endless', 'late']],
  ['the time it set itself', ['hurried']],
])('onStop() exits with 1 when the handler does not end in %s', async (_what, args) => {
  const { child, lines } = start(...args);
  await once(lines, 'line');
  process.kill(child.pid!, 'SIGTERM');
  expect(await end(child, lines)).toEqual({
    lines: ['drain SIGTERM', 'drain_late: Cannot stop in time: still busy after 100 ms'],
    code: 1,
  });
});

function start(...args: string[]): { child: ChildProcess; lines: Interface } {
  const [command, ...rest] = runtimeCommand(
    new URL('./signals.fixture.ts', import.meta.url),
    ...args,
  );
  const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'inherit'] });
  return { child, lines: createInterface(child.stdout!) };
}

/** What the process still said, and how it ended. */
async function end(
  child: ChildProcess,
  lines: Interface,
): Promise<{ lines: string[]; code: number }> {
  const said: string[] = [];
  lines.on('line', (line) => said.push(line));
  const [code] = await once(child, 'close');
  return { lines: said, code };
}
