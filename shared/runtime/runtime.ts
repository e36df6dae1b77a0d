/** Which runtime this is, and how it feels. Asked for logs and metrics; nothing decides by it. */
import { fileURLToPath } from 'node:url';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import type { Metrics } from '../metrics.ts';

export type RuntimeName = 'node' | 'deno';
export const runtimeName: RuntimeName = process.versions.deno === undefined ? 'node' : 'deno';
export const runtimeVersion: string = process.versions.deno ?? process.versions.node;

/** Command and arguments that run a TypeScript file on the runtime we are on. */
export function runtimeCommand(file: string | URL, ...args: string[]): [string, ...string[]] {
  const path = file instanceof URL ? fileURLToPath(file) : file;
  const run = runtimeName === 'deno' ? ['run', '-A', path] : [path];
  return [process.execPath, ...run, ...args];
}

/** What was typed after the script's name. `deno task x -- y` passes the `--` on, npm does not. */
export function programArguments(): string[] {
  const args = process.argv.slice(2);
  return args[0] === '--' ? args.slice(1) : args;
}

export interface EventLoopDelay {
  /** Over the last minute: what work that came at a random moment waited, in ms. */
  read(): { p99Ms: number; maxMs: number };
  stop(): void;
}

/** 50 looks a second see every pause that matters to an auction and cost nothing measurable. */
const LOOK_EVERY_MS = 20;
const LOOKS_KEPT = 60_000 / LOOK_EVERY_MS;

/**
 * Measures by its own timer on both runtimes: `monitorEventLoopDelay` of Deno 2.9.6 does not see a
 * pause of 120 ms.
 */
export function eventLoopDelay(): EventLoopDelay {
  const delays = new Float64Array(LOOKS_KEPT);
  let looks = 0;
  let expected = performance.now() + LOOK_EVERY_MS;
  const timer = setInterval(() => {
    const now = performance.now();
    // A pause swallows the looks that were due in it; they count with what was left of it for them.
    for (let late = now - expected, n = 0; late > 0 && n < LOOKS_KEPT; late -= LOOK_EVERY_MS, n++) {
      delays[looks++ % LOOKS_KEPT] = late;
    }
    if (now <= expected) delays[looks++ % LOOKS_KEPT] = 0;
    expected = now + LOOK_EVERY_MS;
  }, LOOK_EVERY_MS);
  timer.unref();
  return {
    read() {
      const kept = delays.slice(0, Math.min(looks, LOOKS_KEPT)).sort();
      const at = (part: number) => kept[Math.max(0, Math.ceil(kept.length * part) - 1)] ?? 0;
      return { p99Ms: at(0.99), maxMs: at(1) };
    },
    stop: () => clearInterval(timer),
  };
}

export function memory(): { rssBytes: number; heapUsedBytes: number } {
  const { rss, heapUsed } = process.memoryUsage();
  return { rssBytes: rss, heapUsedBytes: heapUsed };
}

/** Gauges of the process, read at each scrape. The sampler lives as long as the process. */
export function runtimeMetrics(metrics: Metrics): void {
  const delay = eventLoopDelay();
  metrics.gauge(
    'helios_event_loop_delay_seconds',
    'What work that came at a random moment of the last minute waited',
    ['quantile'],
    () => {
      const { p99Ms, maxMs } = delay.read();
      return [
        { labels: { quantile: '0.99' }, value: p99Ms / 1_000 },
        { labels: { quantile: '1' }, value: maxMs / 1_000 },
      ];
    },
  );
  metrics.gauge('helios_memory_bytes', 'Memory of the process', ['kind'], () => {
    const { rssBytes, heapUsedBytes } = memory();
    return [
      { labels: { kind: 'rss' }, value: rssBytes },
      { labels: { kind: 'heap_used' }, value: heapUsedBytes },
    ];
  });
  metrics.gauge('helios_runtime', 'Always 1; says what runs', ['name', 'version'], () => [
    { labels: { name: runtimeName, version: runtimeVersion }, value: 1 },
  ]);
}
