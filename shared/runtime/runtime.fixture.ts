/** Started by runtime.test.ts: says where it runs and what it was given. */
import { programArguments, runtimeName } from './runtime.ts';

console.log(JSON.stringify({ runtimeName, args: programArguments() }));
