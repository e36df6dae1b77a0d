/** What another process uses, read from Linux's /proc; elsewhere unknown. */
import { readFileSync } from 'node:fs';

export interface Usage {
  /** Processor time since its start, all threads, user and system. */
  cpuUs: number;
  /** Resident memory. */
  rssMiB: number;
}

/** Linux counts processor time in ticks of 10 ms (USER_HZ is 100 on every architecture we run on). */
const US_PER_TICK = 10_000;

/** @returns NaN for both where there is no /proc. */
export function usageOf(pid: number): Usage {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, in parentheses, may hold spaces: fields are counted after it (man 5 proc, 14 and 15).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const rssKiB = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]);
    return {
      cpuUs: (Number(fields[11]) + Number(fields[12])) * US_PER_TICK,
      rssMiB: rssKiB / 1024,
    };
  } catch {
    return { cpuUs: NaN, rssMiB: NaN };
  }
}
