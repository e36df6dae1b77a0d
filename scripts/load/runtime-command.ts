/** How to run a file of this project on a chosen runtime. */
import { existsSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { COLLECTOR_FLAGS } from '#shared/runtime/garbage-collector.ts';
import { type RuntimeName, runtimeName } from '#shared/runtime/runtime.ts';

export const RUNTIMES = ['node', 'deno'] as const satisfies readonly RuntimeName[];
export type Runtime = RuntimeName;

export const PROJECT_DIR = fileURLToPath(new URL('../../', import.meta.url));

/** The command and its arguments; `flags` go to the runtime, before the file. */
export function runtimeCommand(
  runtime: Runtime,
  file: string,
  flags: readonly string[] = [],
): [string, ...string[]] {
  const program = runtime === runtimeName ? process.execPath : installed(runtime);
  if (runtime === 'node') return [program, ...flags, file];
  // As `deno task start` does; on Node the exchange sets them by itself.
  const own = file.endsWith('services/main.ts') ? [`--v8-flags=${COLLECTOR_FLAGS.join()}`] : [];
  return [program, 'run', '-A', ...own, ...flags, file];
}

/** The other runtime: the binary that came with the packages, otherwise what PATH has. */
function installed(runtime: Runtime): string {
  const path = PROJECT_DIR + BINARIES[runtime];
  return existsSync(path) ? path : runtime;
}
const BINARIES = {
  node: 'node_modules/.bin/node',
  deno: 'node_modules/@deno/linux-x64-glibc/deno',
} as const;
