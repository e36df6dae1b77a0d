/** Ctrl-C in scripts that have something to end or to say first. */
import { constants } from 'node:os';
import process from 'node:process';
import { SAME_KEYPRESS_MS } from '#shared/runtime/signals.ts';

/**
 * Calls `stop` at the first of these signals. A later one ends the process at once, unless it is the same
 * Ctrl-C, which npm passes on to a process that has heard of it from the terminal.
 */
export function onInterrupt(signals: readonly NodeJS.Signals[], stop: () => void): void {
  let toldAt: number | undefined;
  for (const signal of signals) {
    process.on(signal, () => {
      if (toldAt === undefined) {
        toldAt = Date.now();
        stop();
      } else if (Date.now() - toldAt > SAME_KEYPRESS_MS) {
        process.exit(128 + constants.signals[signal]);
      }
    });
  }
}
