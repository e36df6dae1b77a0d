/** Stands for an exchange in tests: notes that it lives, ends on SIGTERM, or at once when told so. */
import { appendFileSync } from 'node:fs';
import process from 'node:process';

const [name, journal, how] = process.argv.slice(2);
const note = (what) => appendFileSync(journal, `${name} ${what} ${process.pid}\n`);
if (how === 'fail') {
  console.error('Cannot start: no reason');
  process.exit(3);
}
process.on('SIGTERM', () => {
  note('ended');
  process.exit(0);
});
setInterval(() => {}, 1_000);
note('up');
