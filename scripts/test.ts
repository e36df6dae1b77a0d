/**
 * `npm test`, `deno task test`: everything that must hold before a change is done. Arguments go to
 * Vitest: `npm test -- services/auction`.
 *
 * Node's and Deno's suites run one after the other: side by side on two cores they take each
 * other's time, and auctions have deadlines.
 */
import process from 'node:process';
import { programArguments } from '#shared/runtime/runtime.ts';
import { runSections } from './checks/section.ts';
import { answerHelp } from './flags.ts';
import { STATIC_CHECKS } from './checks/static-checks.ts';
import { suite } from './checks/suite.ts';
import { FETCH_IN_CI, infraChecks } from './infra/infra-checks.ts';

answerHelp({
  command: 'npm test --',
  about: 'Checks types, lint and format, then runs every suite on Node and on Deno.',
  arguments: {
    name: 'PATTERN … | FLAG …',
    help: "Vitest's: services/auction runs the suites there, -t NAME the tests of that name",
    most: Infinity,
  },
});
const own = programArguments();
// Engines are started by `npm run test:engines`; a person may still name projects.
const args = own.some((arg) => arg.startsWith('--project')) ? own : ['--project=!engines', ...own];
process.exitCode = await runSections([
  ...Object.values(STATIC_CHECKS),
  // With the tools that are there; `npm run check:infra` fetches the others.
  ...(own.length === 0 ? infraChecks(FETCH_IN_CI) : []),
  suite('node', args),
  suite('deno', args),
]);
