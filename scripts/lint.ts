/** `npm run lint`: types, lint and format; `npm run check` names the one it wants. */
import process from 'node:process';
import { programArguments } from '#shared/runtime/runtime.ts';
import { runSections } from './checks/section.ts';
import { STATIC_CHECKS } from './checks/static-checks.ts';

const [only] = programArguments();
const chosen = Object.entries(STATIC_CHECKS).filter(([name]) =>
  only === undefined || name === only
);
process.exitCode = await runSections(chosen.map(([, section]) => section));
