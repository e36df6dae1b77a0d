/** A benchmark as a program: whatever happens, nothing of it is left running. */
import { cpus } from 'node:os';
import process from 'node:process';
import { DEMO_PROFILES } from '#shared/demo/profiles.ts';
import { describeError } from '#shared/log.ts';
import type { Runtime } from '../scripts/load/runtime-command.ts';
import { ExchangeUnderTest } from './exchange-under-test.ts';
import { LoadGenerator } from './load-generator.ts';

/** Runs it and ends this process; the exit code is 1 when it rejects, or when it has set so. */
export async function runBenchmark(work: () => Promise<void>): Promise<never> {
  // An end by signal would leave the processes of the measurement behind.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => process.exit(130));
  }
  try {
    await work();
  } catch (error) {
    console.error(describeError(error));
    process.exitCode = 1;
  }
  // Also when a process of the measurement still runs, after a failure: it is ended with us.
  process.exit();
}

/** With an exchange that has the demo users only, and a load generator for it. */
export async function withExchange(
  runtime: Runtime,
  work: (exchange: ExchangeUnderTest, generator: LoadGenerator) => Promise<void>,
): Promise<void> {
  const generator = await LoadGenerator.start(DEMO_PROFILES);
  const exchange = await ExchangeUnderTest.start(runtime, 0);
  try {
    await work(exchange, generator);
  } finally {
    await generator.stop();
    await exchange.stop();
  }
}

/** The head of a block of README.md: what ran, on which day, on what. */
export function heading(file: string, { runtime }: ExchangeUnderTest): string {
  const day = new Date().toISOString().slice(0, 10);
  return `### ${file}, ${runtime}\n\n${day} · ${cpus().length} × ${cpus()[0]?.model}\n`;
}
