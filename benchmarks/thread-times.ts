/** Processor time of each thread of another process, by Linux's /proc: see who works on a request. */
import { readdirSync, readFileSync } from 'node:fs';

/** µs by thread; threads of one name are one, the first thread of the process is `main`. */
export type ThreadTimes = ReadonlyMap<string, number>;

/** Empty where there is no /proc. */
export function threadTimes(pid: number): ThreadTimes {
  const times = new Map<string, number>();
  for (const thread of threadsOf(pid)) {
    const folder = `/proc/${pid}/task/${thread}`;
    try {
      const name = thread === String(pid) ? 'main' : readFileSync(`${folder}/comm`, 'utf8').trim();
      // ns on the processor, ns waiting for it, turns.
      const [ns] = readFileSync(`${folder}/schedstat`, 'utf8').split(' ');
      times.set(name, (times.get(name) ?? 0) + Number(ns) / 1000);
    } catch {
      // It has just ended.
    }
  }
  return times;
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

export function timesBetween(before: ThreadTimes, after: ThreadTimes): ThreadTimes {
  return new Map([...after].map(([name, us]) => [name, us - (before.get(name) ?? 0)]));
}
