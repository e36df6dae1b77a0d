/** Started by data-dir.test.ts: holds a data directory until it is killed. */
import process from 'node:process';
import { openDataDir } from './data-dir.ts';

openDataDir(process.argv[2]!);
process.stdout.write('locked\n');
setInterval(() => {}, 60_000);
