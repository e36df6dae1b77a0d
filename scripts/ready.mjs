/**
 * Does what a checkout still lacks before anything can run, and nothing the second time. Plain
 * JavaScript without packages, because it runs first: on Node 18 and newer, and on Deno.
 */
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { dashboard } from './ready/dashboard.mjs';
import { packages } from './ready/packages.mjs';
import { SetupError } from './ready/setup-error.mjs';
import { checkRunner, checkRuntime } from './ready/versions.mjs';

/** In order. `needed` must be quick: it is asked at every start. */
const STEPS = [packages, dashboard];

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
try {
  checkRunner();
  for (const step of STEPS) if (step.needed()) await step.run();
  checkRuntime();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(`\n${error.message}`);
  for (const hint of error.hints) console.error(`  ${hint}`);
  process.exit(error.exitCode);
}
