/** `npm run check:infra`: what can be said of the files of operations without running anything. */
import process from 'node:process';
import { runSections } from './checks/section.ts';
import { parseFlags } from './flags.ts';
import { infraChecks } from './infra/infra-checks.ts';

parseFlags({}, {
  command: 'npm run check:infra --',
  about:
    'Checks the files of compose, Kubernetes and Prometheus; fetches the tools that are missing.',
});
process.exitCode = await runSections(infraChecks(true));
