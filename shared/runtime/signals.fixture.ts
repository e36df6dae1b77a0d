/** Started by signals.test.ts: a process with something to drain, and a line for all that happens. */
import process from 'node:process';
import { describeError } from '../log.ts';
import { onStop } from './signals.ts';

const say = (line: string) => process.stdout.write(line + '\n');
const [drain = 'quick', crash] = process.argv.slice(2);
const alive = setInterval(() => {}, 1_000);

onStop((reason, within) => {
  say(`drain ${reason}`);
  clearInterval(alive);
  if (drain === 'failing') throw new Error('the journal is gone');
  if (drain === 'hurried') within(100);
  if (drain === 'endless' || drain === 'hurried') return new Promise(() => {});
}, {
  error: (event, fields) => say(`${event}: ${describeError(fields?.['error'])}`),
}, crash === 'late' ? 100 : 20_000);

if (crash === 'throw') {
  setTimeout(() => {
    throw new Error('a bug');
  });
}
if (crash === 'reject') setTimeout(() => Promise.reject(new Error('a lost promise')));
say('up');
