/** Who goes first where threads share processors. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';

/** A tenth of the weight of others, and all that they leave. */
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

/**
 * For work in the background of a process that is waited for: its thread of this name (as Linux shows it)
 * gets what nobody else wants (SCHED_IDLE). A nice value is not enough: a processor with such work counts
 * as busy, so whoever wakes up queues on another one, behind work that matters. Needs Linux and `chrt` of
 * util-linux; without them nothing changes.
 * @returns whether there is such a thread
 */
export function workInBackground(name: string): boolean {
  const thread = threads().find((one) => nameOf(one) === name);
  if (thread === undefined) return false;
  attempt(() => {
    execFileSync('chrt', ['--idle', '--pid', '0', `${thread}`], { stdio: 'ignore' });
  });
  return true;
}

function nameOf(thread: number): string | undefined {
  try {
    return readFileSync(`${THREADS}/${thread}/comm`, 'utf8').trim();
  } catch {
    return undefined;
  }
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
