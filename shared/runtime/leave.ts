/**
 * The end of the process when all is closed, without the exit handlers of native libraries where that can
 * be had. Those of chDB take memory apart that other threads are still at, its own and Deno's: of a test
 * beside other load one end in 24 was SIGABRT ("malloc_consolidate(): unaligned fastbin chunk") instead of 0.
 * Node ends its threads first.
 */
import { Buffer } from 'node:buffer';
import process from 'node:process';

type Pointer = object | null;

/** What Deno has for calling C. */
interface ForeignFunctions {
  dlopen(library: string, symbols: object): {
    symbols: {
      dlsym(handle: Pointer, name: Uint8Array): Pointer;
      on_exit(handler: Pointer, argument: Pointer): number;
    };
  };
}

/** What the runtime itself does at the end (a profile that is written) is done as ever. */
export function leave(code: number): never {
  try {
    // The last handler that is asked for is the first to be called, and after this one there is none.
    callAtExit('_exit');
  } catch {
    // Node, or not allowed, or another C library: they are run then.
  }
  process.exit(code);
}

/**
 * Has the function of the C library called at the end, with the exit code.
 * @throws where C cannot be called.
 */
export function callAtExit(name: string): void {
  const { Deno: foreign } = globalThis as unknown as { Deno: ForeignFunctions };
  const { dlsym, on_exit } = foreign.dlopen('libc.so.6', {
    dlsym: { parameters: ['pointer', 'buffer'], result: 'pointer' },
    on_exit: { parameters: ['pointer', 'pointer'], result: 'i32' },
  }).symbols;
  on_exit(dlsym(null, Buffer.from(`${name}\0`)), null);
}
