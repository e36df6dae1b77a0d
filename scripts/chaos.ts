/**
 * `npm run test:chaos [-- KILLS]`: kills an exchange under load, again and again, on both runtimes.
 * `npm test` does it three times. HELIOS_SEED repeats the moments of a run that failed.
 */
import process from 'node:process';
import { programArguments } from '#shared/runtime/runtime.ts';
import { runSections } from './checks/section.ts';
import { suite } from './checks/suite.ts';

const [kills = '20'] = programArguments();
const run = ['tests/kill.test.ts'];
process.exitCode = await runSections([
  suite('node', run, { HELIOS_KILLS: kills }),
  suite('deno', run, { HELIOS_KILLS: kills }),
]);
