/** Gives way, and says what nice value each of its threads has then, and its session. */
import { readdirSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import process from 'node:process';
import { giveWay } from './priority.ts';

giveWay();
const isLinux = process.platform === 'linux';
const threads = isLinux ? readdirSync('/proc/self/task').map(Number) : [0];
const session = isLinux ? readFileSync('/proc/self/autogroup', 'utf8').trim() : '';
console.log(JSON.stringify({ nice: threads.map((thread) => getPriority(thread)), session }));
