/** `npm run check:infra`: what can be said of the files of operations without running anything. */
import process from 'node:process';
import { runSections } from './checks/section.ts';
import { infraChecks } from './infra/infra-checks.ts';

process.exitCode = await runSections(infraChecks(true));
