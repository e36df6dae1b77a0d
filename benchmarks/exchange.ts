/**
 * `npm run bench`: the full exchange against a bare Hono JSON echo, measured in one run in
 * alternating pairs, then at half of its own rate for two minutes. README.md beside this file says
 * what is claimed and how it is measured.
 */
import process from 'node:process';
import { DEMO_PROFILES } from '#shared/demo/profiles.ts';
import { number, parseFlags, text, whole } from '../scripts/flags.ts';
import { type Runtime, RUNTIMES } from '../scripts/load/runtime-command.ts';
import { runtimeName } from '#shared/runtime/runtime.ts';
import { ControlServer } from './control.ts';
import { CpuProfiles, monotonicUs } from './cpu-profile.ts';
import { ExchangeUnderTest } from './exchange-under-test.ts';
import { LoadGenerator } from './load-generator.ts';
import type { LoadReport } from './load-run.ts';
import { answered, measureHalfLoad, measurePairs, saturate } from './measure.ts';
import { markdown, noErrors, nothingLost, type RunFigures } from './report.ts';
import { runBenchmark } from './run-benchmark.ts';
import { threeSeats } from './three-seats.ts';

/** Compilers and allocators settle meanwhile. */
const WARM_UP_S = 8;

const { values: flags } = parseFlags({
  runtime: text('what control and exchange run on', runtimeName, [...RUNTIMES, 'both']),
  pairs: whole('control and exchange at saturation, in turn', 1, 100, 5),
  seconds: number('of each run', 1, 600, 8),
  'memory-minutes': number('at half load', 0, 600, 2),
  profiles: whole('written before the measurement', 0, 1_000_000, 100_000),
  'cpu-prof': text('a file: profiles the exchange instead, and measures nothing'),
}, {
  command: 'npm run bench --',
  about: 'Measures the exchange against a bare JSON echo and prints a block for\n' +
    'benchmarks/README.md, where it says how. About 5 minutes a runtime. The exit code is 1 when\n' +
    'an answered auction is not in ClickHouse exactly once, or a request failed.',
});

/** Known users the requests come from: all that have a profile. */
const users = Math.max(DEMO_PROFILES, flags.profiles);

await runBenchmark(async () => {
  for (const runtime of flags.runtime === 'both' ? RUNTIMES : [flags.runtime as Runtime]) {
    const file = flags['cpu-prof'];
    const sound = file === undefined ? await bench(runtime) : await profile(runtime, file);
    if (!sound) process.exitCode = 1;
  }
});

/** Measures one runtime and prints the figures. Resolves to whether nothing was lost or failed. */
async function bench(runtime: Runtime): Promise<boolean> {
  const generator = await LoadGenerator.start(users);
  const control = await ControlServer.start(runtime);
  const exchange = await ExchangeUnderTest.start(runtime, flags.profiles);
  let end = '';
  let figures: RunFigures;
  try {
    figures = await measure({ generator, control, exchange });
  } finally {
    await Promise.all([generator.stop(), control.stop()]);
    end = await exchange.stop();
  }
  console.log(`\n${markdown(figures)}\n`);
  if (end !== 'code 0') {
    console.error(
      [`The exchange ended with ${end}, not with code 0`, ...exchange.child.lastLines].join('\n'),
    );
  }
  return nothingLost(figures) && noErrors(figures) && end === 'code 0';
}

interface Servers {
  generator: LoadGenerator;
  control: ControlServer;
  exchange: ExchangeUnderTest;
}

async function measure({ generator, control, exchange }: Servers): Promise<RunFigures> {
  const setup = { generator, exchange, say };
  const done = { answered: 0, imps: 0 };
  const count = (report: LoadReport) => {
    done.answered += answered(report);
    done.imps += report.imps;
  };
  await threeSeats(`http://127.0.0.1:${exchange.port}`);
  say(`warming up ${exchange.runtime}`);
  await saturate(setup, control.port, WARM_UP_S);
  count(await saturate(setup, exchange.port, WARM_UP_S));
  await exchange.idle();
  const pairs = await measurePairs(setup, control, flags.pairs, flags.seconds, count);
  const seconds = Math.max(flags.seconds, Math.round(flags['memory-minutes'] * 60));
  const half = await measureHalfLoad(setup, control, pairs, seconds);
  count(half.report);
  return {
    runtime: exchange.runtime,
    profiles: flags.profiles,
    pairs,
    secondsPerRun: flags.seconds,
    half,
    ...done,
    expired: await exchange.expired(),
    ledger: await exchange.ledger(done.answered),
  };
}

/** Saturates the exchange under the profiler, to see where its time goes; the rate is not comparable. */
async function profile(runtime: Runtime, file: string): Promise<boolean> {
  const profiles = new CpuProfiles();
  const generator = await LoadGenerator.start(users);
  const exchange = await ExchangeUnderTest.start(runtime, flags.profiles, profiles.flags);
  const setup = { generator, exchange, say };
  const window = { fromUs: 0, toUs: 0 };
  try {
    await threeSeats(`http://127.0.0.1:${exchange.port}`);
    await saturate(setup, exchange.port, WARM_UP_S);
    window.fromUs = monotonicUs();
    const { perSecond } = await saturate(setup, exchange.port, flags.seconds);
    window.toUs = monotonicUs();
    say(`${Math.round(perSecond)}/s under the profiler`);
  } finally {
    await generator.stop();
    await exchange.stop();
  }
  console.log(profiles.collect(file, window));
  return true;
}

function say(line: string): void {
  console.error(line);
}
