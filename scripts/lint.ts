/** `npm run lint`: types, lint and format; `npm run check` names the one it wants. */
import process from 'node:process';
import { runSections } from './checks/section.ts';
import { STATIC_CHECKS } from './checks/static-checks.ts';
import { parseFlags } from './flags.ts';

const names = Object.keys(STATIC_CHECKS);
const { rest: [only] } = parseFlags({}, {
  command: 'npm run lint --',
  about: 'Checks types, lint and format.',
  arguments: { name: names.join('|'), help: 'one of them; all by default', most: 1 },
});
if (only !== undefined && !names.includes(only)) {
  console.error(`${only}: allowed is ${names.join(', ')}`);
  process.exit(2);
}
const chosen = Object.entries(STATIC_CHECKS).filter(([name]) => name === (only ?? name));
process.exitCode = await runSections(chosen.map(([, section]) => section));
