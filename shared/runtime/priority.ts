/** Who goes first where threads share processors. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, getPriority, setPriority } from 'node:os';
import { performance } from 'node:perf_hooks';
import { pid } from 'node:process';

/** A tenth of the weight of others, and all that they leave. */
export const NICE = 10;
const THREADS = '/proc/self/task';
/** Of all processes of a session together; there the nice values of processes count among these only. */
const SESSION = '/proc/self/autogroup';

/**
 * Gives others the way, for a process nobody waits for: whoever has an auction at hand is to have the
 * processor at once. Threads that begin later have it of the one that began them. Where processes
 * have shares of their own (containers), these count and this changes nothing. A session that another
 * process leads, such as a terminal's, is left as it is: who else is in it is not ours to say.
 */
export function giveWay(): void {
  for (const thread of threads()) {
    attempt(() => setPriority(thread, Math.max(NICE, getPriority(thread))));
  }
  attempt(() => {
    if (Number(stat('self').session) === pid) writeFileSync(SESSION, `${NICE}`);
  });
}

/** Between two looks at all threads, which take half a millisecond. */
const LOOK_INTERVAL_MS = 1_000;

/**
 * For work in the background of a process that is waited for: its threads of these names (as Linux shows
 * them) get what nobody else wants (SCHED_IDLE). A nice value is not enough: a processor with such
 * work counts as busy, so whoever wakes up queues on another one, behind work that matters.
 *
 * Needs Linux, `chrt` of util-linux, and on Deno all permissions (it gives others no sight of `/proc`);
 * without them nothing changes. Nor does it with a single processor, where whoever is waited for could leave
 * nothing. Only root can take it back.
 *
 * @returns to be called now and then: threads come and go
 */
export function keepInBackground(names: ReadonlySet<string>): () => void {
  let possible = availableParallelism() > 1;
  let lookedAt = -Infinity;
  return () => {
    const now = performance.now();
    if (!possible || now - lookedAt < LOOK_INTERVAL_MS) return;
    lookedAt = now;
    try {
      for (const thread of threads()) {
        const { name, policy } = scheduling(thread);
        if (names.has(name) && policy !== SCHED_IDLE) makeIdle(thread);
      }
    } catch {
      possible = false;
    }
  };
}

const SCHED_IDLE = 5;
/** It takes 3 ms; whoever asks for it waits. */
const CHRT_MS = 1_000;

/** @throws {Error} where there is no `chrt`, or none that may; a thread that has ended is none to mind. */
function makeIdle(thread: number): void {
  const { error, status } = spawnSync('chrt', ['--idle', '--pid', '0', `${thread}`], {
    stdio: 'ignore',
    timeout: CHRT_MS,
  });
  if (error) throw error;
  if (status !== 0 && scheduling(thread).name !== '') throw new Error(`chrt says ${status}`);
}

/** Empty for a thread that has ended. */
function scheduling(thread: number): { name: string; policy: number } {
  try {
    const { name, policy } = stat(`self/task/${thread}`);
    return { name, policy: Number(policy) };
  } catch {
    return { name: '', policy: NaN };
  }
}

/** Of proc_pid_stat(5): field 2 in brackets, which may have any character, 6 and 41. */
function stat(of: string): { name: string; session?: string; policy?: string } {
  const text = readFileSync(`/proc/${of}/stat`, 'utf8');
  const end = text.lastIndexOf(')');
  const [session, policy] = [6, 41].map((field) => text.slice(end + 2).split(' ')[field - 3]);
  return { name: text.slice(text.indexOf('(') + 1, end), session, policy };
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
