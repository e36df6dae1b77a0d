/** Started by log.test.ts: logs when its input ends, and ends with 7. */
import process from 'node:process';
import { createLog } from './log.ts';

const log = createLog('info');
process.stdin.resume().once('end', () => {
  log.info('first');
  setTimeout(() => log.info('second'), 50);
  setTimeout(() => process.exit(7), 100);
});
