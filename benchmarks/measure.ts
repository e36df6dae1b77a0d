/** The measurements of benchmarks/exchange.ts: alternating pairs, then half load. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ControlServer } from './control.ts';
import type { ExchangeUnderTest } from './exchange-under-test.ts';
import type { LoadGenerator } from './load-generator.ts';
import type { LoadReport } from './load-run.ts';
import { median } from './median.ts';
import { type MemorySample, slopePerMinute } from './memory-slope.ts';
import { type ThreadTimes, threadTimes, timesBetween } from './thread-times.ts';

/**
 * Enough that both servers are busy all the time: of 64 all wait for the same commit at times, which left
 * the exchange's main thread idle for an eighth of a run.
 */
const CONNECTIONS = 128;
/** The control has nothing that comes round in minutes. */
const CONTROL_HALF_LOAD_S = 30;
/** The first of a run's samples: allocators grow until the first full collection. */
const MEMORY_SETTLE_S = 10;

export interface Setup {
  exchange: ExchangeUnderTest;
  generator: LoadGenerator;
  /** Told what happens, for people who wait. */
  say(line: string): void;
}

export interface Pair {
  control: LoadReport;
  exchange: LoadReport;
  ratio: number;
  /** µs per request, the work after the load included. */
  controlCpuUs: number;
  exchangeCpuUs: number;
  exchangeThreadsUs: ThreadTimes;
  /** Seconds until the exchange had stored everything and was idle again. */
  catchUpS: number;
}

export interface HalfLoad {
  ratePerS: number;
  seconds: number;
  report: LoadReport;
  /** The control at half of its own rate, just before: what the machine adds to every latency. */
  control: { ratePerS: number; report: LoadReport };
  /** Of the 204s: answered empty because the deadline came first. */
  expired: number;
  cpuUsPerRequest: number;
  rssStartMiB: number;
  rssEndMiB: number;
  rssMostMiB: number;
  slopeMiBPerMinute: number;
}

/** Both servers, turn and turn about, so that what the machine does meanwhile meets both. */
export async function measurePairs(
  bench: Setup,
  control: ControlServer,
  pairs: number,
  seconds: number,
  counted: (report: LoadReport) => void,
): Promise<Pair[]> {
  const results: Pair[] = [];
  for (let n = 1; n <= pairs; n++) {
    const controlFirst = n % 2 === 1;
    let ofControl = controlFirst ? await measureControl(bench, control, seconds) : undefined;
    const ofExchange = await measureExchange(bench, seconds);
    counted(ofExchange.exchange);
    ofControl ??= await measureControl(bench, control, seconds);
    const ratio = ofExchange.exchange.perSecond / ofControl.control.perSecond;
    results.push({ ...ofControl, ...ofExchange, ratio });
    bench.say(
      `pair ${n} of ${pairs}: control ${Math.round(ofControl.control.perSecond)}/s, ` +
        `exchange ${Math.round(ofExchange.exchange.perSecond)}/s, ratio ${ratio.toFixed(3)}`,
    );
  }
  return results;
}

async function measureControl(bench: Setup, server: ControlServer, seconds: number) {
  const before = server.usage().cpuUs;
  const control = await saturate(bench, server.port, seconds);
  return { control, controlCpuUs: (server.usage().cpuUs - before) / answered(control) };
}

async function measureExchange(bench: Setup, seconds: number) {
  const { child, port } = bench.exchange;
  const before = bench.exchange.usage().cpuUs;
  const threadsBefore = threadTimes(child.pid);
  const exchange = await saturate(bench, port, seconds);
  const catchUpS = await bench.exchange.idle();
  const cpuUs = bench.exchange.usage().cpuUs - before;
  const threads = timesBetween(threadsBefore, threadTimes(child.pid));
  const requests = answered(exchange);
  return {
    exchange,
    exchangeCpuUs: cpuUs / requests,
    exchangeThreadsUs: new Map([...threads].map(([name, us]) => [name, us / requests])),
    catchUpS,
  };
}

export function saturate(bench: Setup, port: number, seconds: number): Promise<LoadReport> {
  return bench.generator.run({ port, connections: CONNECTIONS, seconds });
}

/**
 * Half of the median rates for a while: latencies from the planned time, and the memory of the exchange;
 * the control first.
 */
export async function measureHalfLoad(
  bench: Setup,
  control: ControlServer,
  pairs: readonly Pair[],
  seconds: number,
): Promise<HalfLoad> {
  const { exchange, generator } = bench;
  const halfOf = (of: (pair: Pair) => LoadReport) =>
    Math.floor(median(pairs.map((pair) => of(pair).perSecond)) / 2);
  const atRate = (port: number, ratePerS: number, seconds: number) => {
    bench.say(`half load, ${ratePerS}/s for ${seconds} s`);
    return generator.run({ port, connections: CONNECTIONS, seconds, ratePerS });
  };
  const controlRate = halfOf((pair) => pair.control);
  const ofControl = await atRate(control.port, controlRate, Math.min(seconds, CONTROL_HALF_LOAD_S));
  const ratePerS = halfOf((pair) => pair.exchange);
  const expiredBefore = await exchange.expired();
  const before = exchange.usage().cpuUs;
  const watch = new AbortController();
  const watching = watchMemory(exchange, watch.signal);
  const report = await atRate(exchange.port, ratePerS, seconds);
  watch.abort();
  const samples = await watching;
  await exchange.idle();
  const settled = samples.filter(({ atS }) => atS >= Math.min(MEMORY_SETTLE_S, seconds / 4));
  return {
    ratePerS,
    seconds,
    report,
    control: { ratePerS: controlRate, report: ofControl },
    expired: await exchange.expired() - expiredBefore,
    cpuUsPerRequest: (exchange.usage().cpuUs - before) / answered(report),
    rssStartMiB: settled[0]?.rssMiB ?? NaN,
    rssEndMiB: settled.at(-1)?.rssMiB ?? NaN,
    rssMostMiB: Math.max(...settled.map(({ rssMiB }) => rssMiB)),
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
