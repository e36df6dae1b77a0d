/**
 * The end of the process when all is closed, without the exit handlers of native libraries where that can
 * be had. Those of chDB take memory apart that other threads are still at, its own and Deno's: on a busy
 * machine one end in fifty was SIGABRT ("malloc_consolidate(): unaligned fastbin chunk") instead of 0.
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
  const { Deno: foreign } = globalThis as { Deno?: ForeignFunctions };
  if (foreign !== undefined) leaveOutHandlers(foreign);
  process.exit(code);
}

/** The last handler that is asked for is the first to be called: `_exit(status)`, after which there is none. */
function leaveOutHandlers(foreign: ForeignFunctions): void {
  try {
    const { dlsym, on_exit } = foreign.dlopen('libc.so.6', {
      dlsym: { parameters: ['pointer', 'buffer'], result: 'pointer' },
      on_exit: { parameters: ['pointer', 'pointer'], result: 'i32' },
    }).symbols;
    on_exit(dlsym(null, Buffer.from('_exit\0')), null);
  } catch {
    // Not allowed, or another C library: they are run then.
  }
}
