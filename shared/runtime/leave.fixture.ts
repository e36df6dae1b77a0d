/** Started by leave.test.ts: leaves with 3. Where C can be called, with an exit handler that aborts. */
import { Buffer } from 'node:buffer';
import process from 'node:process';
import { leave } from './leave.ts';

interface ForeignFunctions {
  dlopen(library: string, symbols: object): {
    symbols: {
      dlsym(handle: null, name: Uint8Array): object;
      on_exit(handler: object, argument: null): number;
    };
  };
}

const { Deno: foreign } = globalThis as { Deno?: ForeignFunctions };
if (foreign !== undefined && process.platform === 'linux') {
  const { dlsym, on_exit } = foreign.dlopen('libc.so.6', {
    dlsym: { parameters: ['pointer', 'buffer'], result: 'pointer' },
    on_exit: { parameters: ['pointer', 'pointer'], result: 'i32' },
  }).symbols;
  on_exit(dlsym(null, Buffer.from('abort\0')), null);
}
console.log('closed');
leave(3);
