import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { z } from 'zod';
import type { RuntimeName } from '#shared/runtime/runtime.ts';
import { runCommand } from './run-command.ts';
import { type Outcome, type Section, withRuntime } from './section.ts';
import { runArguments } from './toolchain.ts';

/** The Vitest suites on one runtime; `args` are Vitest's own: a pattern, `-t name`, … */
export function suite(
  runtime: RuntimeName,
  args: readonly string[],
  env: Record<string, string> = {},
): Section {
  const name = `Tests on ${runtime === 'node' ? 'Node' : 'Deno'}`;
  return {
    name,
    run: () => withRuntime(runtime, ({ command }) => run(runtime, command, args, env)),
  };
}

async function run(
  runtime: RuntimeName,
  command: string,
  args: readonly string[],
  env: Record<string, string>,
): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'helios-report-'));
  const report = join(folder, 'report.json');
  try {
    const code = await runCommand(command, [
      ...runArguments(runtime, 'node_modules/vitest/vitest.mjs'),
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
      ...args,
    ], { ...env, TEST_RUNTIME: runtime });
    return countTests(readReport(report), code);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const Report = z.object({
  numPassedTests: z.number(),
  testResults: z.array(z.object({
    name: z.string(),
    status: z.string(),
    message: z.string(),
    assertionResults: z.array(z.object({
      status: z.string(),
      fullName: z.string(),
      failureMessages: z.array(z.string()).nullish(),
    })),
  })),
});
type Report = z.infer<typeof Report>;

/**
 * Adds to Vitest's count what it does not count: a file that fails before its first test, and a run
 * that fails without naming a test (a rejection nobody awaited, a crash, no report at all).
 */
export function countTests(report: Report | undefined, code: number): Outcome {
  if (!report) return { passed: 0, failed: 1, note: `Vitest ended with ${code} and no report` };
  const failures = report.testResults.flatMap(failuresOf);
  const failed = failures.length;
  return {
    passed: report.numPassedTests,
    failed: failed === 0 && code !== 0 ? 1 : failed,
    failures,
  };
}

/** A line for each failed test of a file, or for the file when it failed without one. */
function failuresOf({ name, status, message, assertionResults }: Report['testResults'][number]) {
  const file = relative('.', name);
  const failed = assertionResults.filter((test) => test.status === 'failed');
  if (failed.length === 0) return status === 'failed' ? [`${file}: ${firstLine(message)}`] : [];
  return failed.map(({ fullName, failureMessages }) =>
    `${file}: ${fullName}: ${firstLine(failureMessages?.[0] ?? '')}`
  );
}

function firstLine(text: string): string {
  return text.trim().split('\n', 1)[0]!;
}

function readReport(file: string): Report | undefined {
  try {
    return Report.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}
