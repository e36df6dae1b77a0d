/** Started by runtime.test.ts: says where it runs and what it was given. */
import process from 'node:process';
import { runtimeName } from './runtime.ts';

console.log(JSON.stringify({ runtimeName, args: process.argv.slice(2) }));
