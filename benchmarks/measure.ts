/** The measurements of benchmarks/exchange.ts: alternating pairs, then half load. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExchangeUnderTest } from './exchange-under-test.ts';
import type { LoadGenerator } from './load-generator.ts';
import type { LoadReport } from './load-run.ts';
import { type MemorySample, slopePerMinute } from './memory-slope.ts';

/** Enough that a server never waits for the generator, few enough that answers take milliseconds. */
const CONNECTIONS = 64;
/** The first of a run's samples: allocators grow until the first full collection. */
const MEMORY_SETTLE_S = 10;

export interface Setup {
  exchange: ExchangeUnderTest;
  controlPort: number;
  generator: LoadGenerator;
  /** Told what happens, for people who wait. */
  say(line: string): void;
}

export interface Pair {
  control: LoadReport;
  exchange: LoadReport;
  ratio: number;
  exchangeCpuUs: number;
  /** Seconds until the exchange had stored everything and was idle again. */
  catchUpS: number;
}

export interface HalfLoad {
  ratePerS: number;
  seconds: number;
  report: LoadReport;
  /** Of the 204s: answered empty because the deadline came first. */
  expired: number;
  cpuUsPerRequest: number;
  rssStartMiB: number;
  rssEndMiB: number;
  slopeMiBPerMinute: number;
}

/** Both servers, turn and turn about, so that what the machine does meanwhile meets both. */
export async function measurePairs(
  bench: Setup,
  pairs: number,
  seconds: number,
  counted: (report: LoadReport) => void,
): Promise<Pair[]> {
  const results: Pair[] = [];
  for (let n = 1; n <= pairs; n++) {
    const controlFirst = n % 2 === 1;
    let control = controlFirst ? await saturate(bench, bench.controlPort, seconds) : undefined;
    const before = bench.exchange.usage().cpuUs;
    const exchange = await saturate(bench, bench.exchange.port, seconds);
    counted(exchange);
    const catchUpS = await bench.exchange.idle();
    const cpuUs = bench.exchange.usage().cpuUs - before;
    control ??= await saturate(bench, bench.controlPort, seconds);
    const pair = {
      control,
      exchange,
      ratio: exchange.perSecond / control.perSecond,
      exchangeCpuUs: cpuUs / answered(exchange),
      catchUpS,
    };
    results.push(pair);
    bench.say(
      `pair ${n} of ${pairs}: control ${Math.round(control.perSecond)}/s, ` +
        `exchange ${Math.round(exchange.perSecond)}/s, ratio ${pair.ratio.toFixed(3)}`,
    );
  }
  return results;
}

export function saturate(bench: Setup, port: number, seconds: number): Promise<LoadReport> {
  return bench.generator.run({ port, connections: CONNECTIONS, seconds });
}

/** A constant rate for a while: latencies from the planned time, and the memory of the exchange. */
export async function measureHalfLoad(
  bench: Setup,
  ratePerS: number,
  seconds: number,
): Promise<HalfLoad> {
  const { exchange, generator } = bench;
  const expiredBefore = await exchange.expired();
  const before = exchange.usage().cpuUs;
  const watch = new AbortController();
  const watching = watchMemory(exchange, watch.signal);
  const port = exchange.port;
  const report = await generator.run({ port, connections: CONNECTIONS, seconds, ratePerS });
  watch.abort();
  const samples = await watching;
  await exchange.idle();
  const settled = samples.filter(({ atS }) => atS >= Math.min(MEMORY_SETTLE_S, seconds / 4));
  return {
    ratePerS,
    seconds,
    report,
    expired: await exchange.expired() - expiredBefore,
    cpuUsPerRequest: (exchange.usage().cpuUs - before) / answered(report),
    rssStartMiB: settled[0]?.rssMiB ?? NaN,
    rssEndMiB: settled.at(-1)?.rssMiB ?? NaN,
    slopeMiBPerMinute: slopePerMinute(settled),
  };
}

/** Answers that stand for an auction. */
export function answered({ answers }: LoadReport): number {
  return (answers[200] ?? 0) + (answers[204] ?? 0);
}

/** Everything else: other statuses, and requests without an answer. */
export function failed({ answers, failures }: LoadReport): number {
  let total = 0;
  for (const [status, count] of Object.entries(answers)) {
    if (status !== '200' && status !== '204') total += count;
  }
  return Object.values(failures).reduce((sum, count) => sum + count, total);
}

async function watchMemory(
  exchange: ExchangeUnderTest,
  signal: AbortSignal,
): Promise<MemorySample[]> {
  const startMs = performance.now();
  const samples: MemorySample[] = [];
  while (!signal.aborted) {
    samples.push({ atS: (performance.now() - startMs) / 1000, rssMiB: exchange.usage().rssMiB });
    await sleep(1000, undefined, { signal }).catch(() => undefined);
  }
  return samples;
}
