/** Gives way, and says what nice value each of its threads has then. */
import { readdirSync } from 'node:fs';
import { getPriority } from 'node:os';
import process from 'node:process';
import { giveWay } from './priority.ts';

giveWay();
const threads = process.platform === 'linux' ? readdirSync('/proc/self/task').map(Number) : [0];
console.log(JSON.stringify(threads.map((thread) => getPriority(thread))));
