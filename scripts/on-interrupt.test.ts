import { spawn } from 'node:child_process';
import process from 'node:process';
import { expect, test } from 'vitest';
import { runtimeCommand } from '#shared/runtime/runtime.ts';

const PATIENCE = { timeout: 20_000 };

test('onInterrupt() takes a Ctrl-C that comes twice for one, and ends at a later one', async () => {
  const script = new URL('on-interrupt.fixture.ts', import.meta.url);
  const [command, ...args] = runtimeCommand(script);
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => said += chunk.toString());
  const interrupt = () => process.kill(child.pid!, 'SIGINT');
  try {
    await expect.poll(() => said, PATIENCE).toBe('up\n');
    interrupt();
    await expect.poll(() => said, PATIENCE).toBe('up\ntold\n');
    interrupt();
    child.stdin.write('still here\n');
    await expect.poll(() => said, PATIENCE).toBe('up\ntold\nstill here\n');
    await expect.poll(() => {
      if (child.exitCode === null) interrupt();
      return child.exitCode;
    }, PATIENCE).toBe(130);
  } finally {
    child.kill('SIGKILL');
  }
});
