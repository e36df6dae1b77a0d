/** Started by leave.test.ts: leaves with 3. Where C can be called, with an exit handler that aborts. */
import process from 'node:process';
import { callAtExit, leave } from './leave.ts';
import { runtimeName } from './runtime.ts';

if (runtimeName === 'deno' && process.platform === 'linux') callAtExit('abort');
console.log('closed');
leave(3);
