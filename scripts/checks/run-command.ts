import { type ChildProcess, spawn } from 'node:child_process';
import process from 'node:process';

const running = new Set<ChildProcess>();
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

/** Nothing we started goes on without us. */
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    for (const child of running) child.kill(signal);
    process.exit(EXIT_CODES[signal]);
  });
}

/** Runs a command whose output is shown as it comes; resolves to its exit code. */
export function runCommand(
  command: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit', env: { ...process.env, ...env } });
    running.add(child);
    child.on('error', reject);
    child.on('close', (code) => {
      running.delete(child);
      resolve(code ?? 1);
    });
  });
}
