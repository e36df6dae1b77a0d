/**
 * `npm run bench:live`: the live feed before a thousand viewers, and what a hundred of them cost the
 * exchange's throughput, in alternating pairs. README.md beside this file says how it is measured.
 */
import process from 'node:process';
import { runtimeName } from '#shared/runtime/runtime.ts';
import { number, parseFlags, text, whole } from '../scripts/flags.ts';
import { type Runtime, RUNTIMES } from '../scripts/load/runtime-command.ts';
import type { ExchangeUnderTest } from './exchange-under-test.ts';
import type { ViewersReport } from './live-viewers.ts';
import type { LoadGenerator } from './load-generator.ts';
import { saturate } from './measure.ts';
import { median } from './median.ts';
import { heading, runBenchmark, withExchange } from './run-benchmark.ts';
import { Viewers } from './viewers.ts';

const { values: flags } = parseFlags({
  runtime: text('what the exchange runs on', runtimeName, [...RUNTIMES]),
  viewers: whole('of the first part', 1, 5_000, 1_000),
  seconds: number('of each run', 1, 600, 5),
  pairs: whole('with and without 100 viewers, in turn; 0 leaves them out', 0, 100, 5),
}, {
  command: 'npm run bench:live --',
  about:
    'Measures the live feed and prints a block for benchmarks/README.md, where it says how.\n' +
    'The exit code is 1 when a frame was lost.',
});

/** Auctions a second while viewers are counted: every tick has some, so there are ten frames. */
const RATE_PER_S = 200;
const WARM_UP_S = 4;
const VIEWERS_OF_PAIRS = 100;

await runBenchmark(() =>
  withExchange(flags.runtime as Runtime, async (exchange, generator) => {
    await saturate({ generator, exchange, say }, exchange.port, WARM_UP_S);
    await exchange.idle();
    console.log(heading('live.ts', exchange));
    await manyViewers(generator, exchange);
    if (flags.pairs > 0) await costOfViewers(generator, exchange);
  })
);

async function manyViewers(generator: LoadGenerator, exchange: ExchangeUnderTest): Promise<void> {
  const { port } = exchange;
  const order = { port, connections: 16, seconds: flags.seconds, ratePerS: RATE_PER_S };
  const before = exchange.usage();
  await generator.run(order);
  const alone = exchange.usage();
  const viewers = await Viewers.start(port, flags.viewers);
  let report: ViewersReport;
  let watched: { cpuUs: number; rssMiB: number };
  const start = exchange.usage();
  try {
    await viewers.report();
    await generator.run(order);
    report = await viewers.report();
    watched = exchange.usage();
  } finally {
    await viewers.stop();
  }
  if (report.received < report.expected || report.snapshots > 0) process.exitCode = 1;
  const share = (from: number, to: number): string =>
    `${((to - from) / (flags.seconds * 10_000)).toFixed(0)} %`;
  print([
    ['viewers', `${report.viewers}, at ${RATE_PER_S} auctions/s for ${flags.seconds} s`],
    ['frames to each, per second', (report.perSecond / report.viewers).toFixed(1)],
    ['frames delivered', `${report.received} of ${report.expected}`],
    ['snapshots instead of frames', `${report.snapshots}`],
    ['sent', `${(report.bytesPerSecond / 1e6).toFixed(1)} MB/s`],
    ['close of the auction to arrival, p50 / p99 / max', latency(report)],
    [
      'exchange CPU, alone → with viewers',
      `${share(before.cpuUs, alone.cpuUs)} → ${share(start.cpuUs, watched.cpuUs)} of a core`,
    ],
    ['exchange memory', `${alone.rssMiB.toFixed(0)} → ${watched.rssMiB.toFixed(0)} MiB`],
    ["viewers' own CPU", `${report.cpuUsPerFrame.toFixed(0)} µs/frame`],
  ]);
}

async function costOfViewers(generator: LoadGenerator, exchange: ExchangeUnderTest): Promise<void> {
  const bench = { generator, exchange, say };
  const run = async (watched: boolean): Promise<{ perSecond: number; cpuUs: number }> => {
    const viewers = watched ? await Viewers.start(exchange.port, VIEWERS_OF_PAIRS) : undefined;
    const before = exchange.usage().cpuUs;
    const { perSecond } = await saturate(bench, exchange.port, flags.seconds);
    const cpuUs = (exchange.usage().cpuUs - before) / (perSecond * flags.seconds);
    await viewers?.stop();
    await exchange.idle();
    return { perSecond, cpuUs };
  };
  const ratios: number[] = [];
  const cpuRatios: number[] = [];
  const rows = [['pair', 'without /s', 'with 100 viewers /s', 'ratio', 'CPU µs/request']];
  for (let n = 1; n <= flags.pairs; n++) {
    const first = await run(n % 2 === 0);
    const second = await run(n % 2 === 1);
    const [without, watched] = n % 2 === 1 ? [first, second] : [second, first];
    ratios.push(watched.perSecond / without.perSecond);
    cpuRatios.push(watched.cpuUs / without.cpuUs);
    rows.push([
      `${n}`,
      without.perSecond.toFixed(0),
      watched.perSecond.toFixed(0),
      ratios.at(-1)!.toFixed(3),
      `${without.cpuUs.toFixed(0)} → ${watched.cpuUs.toFixed(0)}`,
    ]);
  }
  rows.push([
    '**median**',
    '',
    '',
    `**${median(ratios).toFixed(3)}** (aim ≥ 0.95)`,
    `× ${median(cpuRatios).toFixed(3)}`,
  ]);
  print(rows);
}

function latency({ p50, p99, max }: ViewersReport): string {
  return [p50, p99, max].map((ms) => ms.toFixed(0)).join(' / ') + ' ms';
}

/** A Markdown table; the first row is its head. */
function print([head, ...rows]: readonly (readonly string[])[]): void {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  console.log([line(head!), line(head!.map(() => '---')), ...rows.map(line), ''].join('\n'));
}

function say(line: string): void {
  console.error(line);
}
