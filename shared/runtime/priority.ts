/** Who goes first where processes share processors. */
import { readdirSync, writeFileSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';

/** As merges of chDB have it: a tenth of the weight of others, and all that they leave. */
export const NICE = 10;
const THREADS = '/proc/self/task';
/** Of all processes of a session together; there the nice values of processes count among these only. */
const SESSION = '/proc/self/autogroup';

/**
 * Gives others the way, for a process nobody waits for: whoever has an auction at hand is to have the
 * processor at once. Threads that begin later have it of the one that began them. Where processes
 * have shares of their own (containers), these count and this changes nothing.
 */
export function giveWay(): void {
  for (const thread of threads()) {
    attempt(() => setPriority(thread, Math.max(NICE, getPriority(thread))));
  }
  attempt(() => writeFileSync(SESSION, `${NICE}`));
}

/** On Linux each thread has a nice value of its own; elsewhere it is the process's. */
function threads(): number[] {
  try {
    return readdirSync(THREADS).map(Number);
  } catch {
    return [0];
  }
}

/** Without it the process does its work as well, only less politely. */
function attempt(change: () => void): void {
  try {
    change();
  } catch {
    // No such thing on this system, or not allowed.
  }
}
