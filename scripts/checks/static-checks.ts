import { runtimeCommand } from '#shared/runtime/runtime.ts';
import { runCommand } from './run-command.ts';
import { type Outcome, type Section, withRuntime } from './section.ts';

/** What can be said of the code without running it. */
export const STATIC_CHECKS: Record<'types' | 'lint' | 'format', Section> = {
  types: {
    name: 'Types',
    run: async () => {
      // The dashboard has a compiler's setting of its own: it is made for browsers.
      const codes = [await tsc(), await tsc('-p', 'web')];
      return outcome(Math.max(...codes));
    },
  },
  lint: { name: 'Lint', run: () => deno(['lint']) },
  format: { name: 'Format', run: () => deno(['fmt', '--check']) },
};

function tsc(...args: string[]): Promise<number> {
  return runCommand(...split(runtimeCommand('node_modules/typescript/bin/tsc', ...args)));
}

function deno(args: string[]): Promise<Outcome> {
  return withRuntime('deno', async ({ command }) => outcome(await runCommand(command, args)));
}

function outcome(code: number): Outcome {
  return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

function split([command, ...args]: [string, ...string[]]): [string, string[]] {
  return [command, args];
}
