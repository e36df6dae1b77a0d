import { runtimeCommand } from '#shared/runtime/runtime.ts';
import { runCommand } from './run-command.ts';
import { type Outcome, type Section, withRuntime } from './section.ts';

/** What can be said of the code without running it. */
export const STATIC_CHECKS: Record<'types' | 'lint' | 'format', Section> = {
  types: {
    name: 'Types',
    run: async () =>
      outcome(await runCommand(...split(runtimeCommand('node_modules/typescript/bin/tsc')))),
  },
  lint: { name: 'Lint', run: () => deno(['lint']) },
  format: { name: 'Format', run: () => deno(['fmt', '--check']) },
};

function deno(args: string[]): Promise<Outcome> {
  return withRuntime('deno', async ({ command }) => outcome(await runCommand(command, args)));
}

function outcome(code: number): Outcome {
  return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

function split([command, ...args]: [string, ...string[]]): [string, string[]] {
  return [command, args];
}
