/** `npm run lint`: types, lint and format; `npm run check` names the one it wants. */
import process from 'node:process';
import { runSections } from './checks/section.ts';
import { STATIC_CHECKS } from './checks/static-checks.ts';

const [only] = process.argv.slice(2);
const chosen = Object.entries(STATIC_CHECKS).filter(([name]) =>
  only === undefined || name === only
);
process.exitCode = await runSections(chosen.map(([, section]) => section));
