/** CPU profiles of a process started with `--cpu-prof` (both runtimes know it): kept and summed up. */
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';

/** Functions listed per thread; the rest is for the profile viewer. */
const TOP = 25;

/** Part of a profile, in µs of the system's monotonic clock, which profiles of all processes use. */
export interface Window {
  fromUs: number;
  toUs: number;
}

export function monotonicUs(): number {
  return Number(process.hrtime.bigint() / 1000n);
}

interface CpuProfile {
  startTime: number;
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[];
  samples: number[];
  timeDeltas: number[];
}

export class CpuProfiles {
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'helios-cpu-'));

  /** For the runtime that is to be profiled. It writes when it ends by itself, not when it is killed. */
  get flags(): string[] {
    return ['--cpu-prof', `--cpu-prof-dir=${this.#folder}`];
  }

  /**
   * Keeps the main thread's profile as `file`, those of workers beside it (`x.worker-1.cpuprofile`),
   * and gives a list of the dearest functions of each within the window.
   */
  collect(file: string, window: Window): string {
    const threads = readdirSync(this.#folder).map((name) => ({ name, thread: threadOf(name) }))
      .sort((a, b) => a.thread - b.thread);
    const parts = threads.map(({ name, thread }) => {
      const target = thread === 0 ? file : file.replace(/(\.\w+)?$/, `.worker-${thread}$1`);
      copyFileSync(path.join(this.#folder, name), target);
      const profile = JSON.parse(readFileSync(target, 'utf8')) as CpuProfile;
      return `${target}\n${dearest(profile, window)}`;
    });
    rmSync(this.#folder, { recursive: true });
    return parts.length === 0
      ? 'No profile was written: it did not end by itself'
      : parts.join('\n\n');
  }
}

/** Node ends its names in `<process>.<thread>.<number>`, Deno in `<process>` or `<process>.worker-<thread>`. */
export function threadOf(name: string): number {
  const ofNode = /\.\d+\.(\d+)\.\d+\.cpuprofile$/.exec(name);
  const ofDeno = /\.worker-(\d+)\.cpuprofile$/.exec(name);
  return Number((ofNode ?? ofDeno)?.[1] ?? 0);
}

/** Functions by their own time, as share of what was not idle. */
function dearest({ startTime, nodes, samples, timeDeltas }: CpuProfile, window: Window): string {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const times = new Map<string, number>();
  let atUs = startTime;
  let totalUs = 0;
  samples.forEach((id, n) => {
    atUs += timeDeltas[n]!;
    if (atUs < window.fromUs || atUs > window.toUs) return;
    const name = names.get(id)!;
    times.set(name, (times.get(name) ?? 0) + timeDeltas[n]!);
    totalUs += timeDeltas[n]!;
  });
  if (totalUs === 0) return 'nothing in the measured time';
  const busyUs = totalUs - (times.get('(idle)') ?? 0);
  times.delete('(idle)');
  const share = (us: number, ofUs: number) => `${((100 * us) / ofUs).toFixed(1)} %`.padStart(8);
  return [
    `${share(busyUs, totalUs)} busy; of that, own time:`,
    ...[...times].sort(([, a], [, b]) => b - a).slice(0, TOP)
      .map(([name, us]) => `${share(us, busyUs)} ${name}`),
  ].join('\n');
}

function nameOf(
  { functionName, url, lineNumber }: CpuProfile['nodes'][number]['callFrame'],
): string {
  const name = functionName === '' ? '(anonymous)' : functionName;
  if (url === '') return name;
  return `${name}  ${url.replace(/^file:\/\//, '').split('/').slice(-3).join('/')}:${
    lineNumber + 1
  }`;
}
