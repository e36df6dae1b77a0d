/** What processes used between two moments, and what the host took away meanwhile. */
import { readFileSync } from 'node:fs';
import { usageOf } from '../../scripts/load/process-usage.ts';
import type { RequestCounts } from './count-requests.ts';

/** A process whose use is measured. */
export interface Metered {
  name: string;
  /** `path`: an auction goes through it; `beside`: it works on what came of it. */
  part: 'engine' | 'path' | 'beside';
  readonly pid: number;
  /** File of its {@link RequestCounts}. */
  counts?: string;
}

/** Of one process, per auction; memory at the end. */
export interface Use {
  name: string;
  part: Metered['part'];
  cpuMs: number;
  rssMiB: number;
  produce: number;
  fetch: number;
  other: number;
  bytesIn: number;
  bytesOut: number;
}

/** Of the whole machine. */
export interface Machine {
  /** Share of the time of all cores that somebody worked. */
  busy: number;
  /** Share that the host took away: above some hundredths the figures are disturbed. */
  stolen: number;
}

export interface Reading {
  used: Map<string, { cpuUs: number; rssMiB: number; counts: RequestCounts }>;
  machine: number[];
}

const NOTHING: RequestCounts = { produce: 0, fetch: 0, other: 0, bytesIn: 0, bytesOut: 0 };

export function readMeters(metered: readonly Metered[]): Reading {
  return {
    used: new Map(
      metered.map((
        { name, pid, counts },
      ) => [name, { ...usageOf(pid), counts: readCounts(counts) }]),
    ),
    machine: readMachine(),
  };
}

/** @param auctions what the use is divided by */
export function useBetween(
  metered: readonly Metered[],
  before: Reading,
  after: Reading,
  auctions: number,
): Use[] {
  return metered.map(({ name, part }) => {
    const first = before.used.get(name)!;
    const last = after.used.get(name)!;
    const per = (kind: keyof RequestCounts) => (last.counts[kind] - first.counts[kind]) / auctions;
    return {
      name,
      part,
      cpuMs: (last.cpuUs - first.cpuUs) / 1_000 / auctions,
      rssMiB: last.rssMiB,
      produce: per('produce'),
      fetch: per('fetch'),
      other: per('other'),
      bytesIn: per('bytesIn'),
      bytesOut: per('bytesOut'),
    };
  });
}

export function machineBetween(before: Reading, after: Reading): Machine {
  const spent = after.machine.map((ticks, index) => ticks - before.machine[index]!);
  const all = spent.reduce((sum, ticks) => sum + ticks, 0);
  // user, nice, system, idle, iowait, irq, softirq, steal (man 5 proc)
  const [, , , idle = 0, waiting = 0, , , stolen = 0] = spent;
  return { busy: (all - idle - waiting - stolen) / all, stolen: stolen / all };
}

function readMachine(): number[] {
  try {
    const [first] = readFileSync('/proc/stat', 'utf8').split('\n', 1);
    return first!.trim().split(/\s+/).slice(1, 9).map(Number);
  } catch {
    return Array.from({ length: 8 }, () => NaN);
  }
}

function readCounts(file: string | undefined): RequestCounts {
  try {
    return file === undefined ? NOTHING : JSON.parse(readFileSync(file, 'utf8')) as RequestCounts;
  } catch {
    // Not written yet.
    return NOTHING;
  }
}
