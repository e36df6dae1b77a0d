/** `npm run format [FILE…]`: writes every file as `deno fmt` wants it. */
import process from 'node:process';
import { programArguments } from '#shared/runtime/runtime.ts';
import { runCommand } from './checks/run-command.ts';
import { findRuntime } from './checks/toolchain.ts';
import { answerHelp } from './flags.ts';

answerHelp({
  command: 'npm run format --',
  about: 'Writes every file as deno fmt wants it.',
  arguments: { name: 'FILE …', help: 'these only; --check writes nothing', most: Infinity },
});

const deno = findRuntime('deno');
if (typeof deno === 'string') {
  console.error(`Cannot format: ${deno}`);
  process.exitCode = 1;
} else {
  process.exitCode = await runCommand(deno.command, ['fmt', ...programArguments()]);
}
