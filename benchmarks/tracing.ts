/**
 * `node benchmarks/tracing.ts`: what traces cost a request in processor time. Exchanges without,
 * with one auction in a hundred and with every auction traced get the same constant rate in turn.
 * README.md beside this file says how it is measured.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { DEMO_PROFILES } from '#shared/demo/profiles.ts';
import { runtimeName } from '#shared/runtime/runtime.ts';
import { number, parseFlags, text, whole } from '../scripts/flags.ts';
import { type Runtime, RUNTIMES } from '../scripts/load/runtime-command.ts';
import { ExchangeUnderTest } from './exchange-under-test.ts';
import { LoadGenerator } from './load-generator.ts';
import { answered } from './measure.ts';
import { median } from './median.ts';
import { heading, runBenchmark } from './run-benchmark.ts';

const { values: flags } = parseFlags({
  runtime: text('what the exchanges run on', runtimeName, [...RUNTIMES]),
  rounds: whole('of all exchanges, the first one changing', 1, 100, 5),
  seconds: number('of each run', 1, 600, 6),
  rate: whole('requests a second', 1, 100_000, 500),
  before: text('another checkout, to compare its exchange without traces'),
}, {
  command: 'node benchmarks/tracing.ts',
  about: 'Measures what traces cost and prints a block for benchmarks/README.md.',
});

const CONNECTIONS = 16;
/** Compilers settle meanwhile. */
const WARM_UP_S = 5;

interface Subject {
  name: string;
  exchange: ExchangeUnderTest;
  cpuUs: number[];
  /** Of the same round, to the exchange without traces. */
  ratios: number[];
  p99: number[];
}

await runBenchmark(async () => {
  const collector = await startCollector();
  const generator = await LoadGenerator.start(DEMO_PROFILES);
  const subjects: Subject[] = [];
  const add = async (name: string, other: Parameters<typeof ExchangeUnderTest.start>[3]) => {
    const exchange = await ExchangeUnderTest.start(flags.runtime as Runtime, 0, [], other);
    subjects.push({ name, exchange, cpuUs: [], ratios: [], p99: [] });
  };
  const traced = (ratio: string) => ({
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, OTEL_TRACES_SAMPLER_ARG: ratio },
  });
  try {
    await add('off', {});
    if (flags.before !== undefined) {
      await add('before', { main: path.resolve(flags.before, 'services/main.ts') });
    }
    await add('1 % of auctions', traced('0.01'));
    await add('every auction', traced('1'));
    for (const subject of subjects) await run(generator, subject, WARM_UP_S);
    collector.requests = 0;
    for (let round = 0; round < flags.rounds; round++) {
      const order = subjects.map((_, n) => subjects[(n + round) % subjects.length]!);
      for (const subject of order) {
        const { cpuUs, p99 } = await run(generator, subject, flags.seconds);
        subject.cpuUs.push(cpuUs);
        subject.p99.push(p99);
      }
      const off = subjects[0]!.cpuUs.at(-1)!;
      for (const { cpuUs, ratios } of subjects) ratios.push(cpuUs.at(-1)! / off);
      console.error(
        subjects.map(({ name, cpuUs }) => `${name} ${cpuUs.at(-1)!.toFixed(0)}`).join(', '),
      );
    }
    await print(subjects, collector.requests);
  } finally {
    await generator.stop();
    for (const { exchange } of subjects) await exchange.stop();
    collector.close();
  }
});

/** Processor time of one exchange per request, until it is idle again: what is exported later counts. */
async function run(
  generator: LoadGenerator,
  { exchange }: Subject,
  seconds: number,
): Promise<{ cpuUs: number; p99: number }> {
  const before = exchange.usage().cpuUs;
  const order = { port: exchange.port, connections: CONNECTIONS, seconds, ratePerS: flags.rate };
  const report = await generator.run(order);
  await exchange.idle();
  return { cpuUs: (exchange.usage().cpuUs - before) / answered(report), p99: report.p99 };
}

/** Takes everything and keeps nothing; its work is this process's. */
async function startCollector() {
  const server = createServer((request, response) => {
    collector.requests++;
    request.resume().on('end', () => response.end('{}'));
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const collector = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: 0,
    close: () => server.close(),
  };
  return collector;
}

async function print(subjects: readonly Subject[], requests: number): Promise<void> {
  console.log(heading('tracing.ts', subjects[0]!.exchange));
  const { rounds, seconds, rate } = flags;
  console.log(
    `${rate}/s for ${seconds} s, ${rounds} rounds; ${requests} requests to the collector\n`,
  );
  console.log('| traces | CPU µs/request, least / median | to off | p99 ms | exported, dropped |');
  console.log('| --- | --- | --- | --- | --- |');
  for (const { name, exchange, cpuUs, ratios, p99 } of subjects) {
    const least = Math.min(...cpuUs).toFixed(0);
    const ratio = `× ${median(ratios).toFixed(3)}`;
    const spans = `${await spansOf(exchange, 'exported')}, ${await spansOf(exchange, 'dropped')}`;
    const cells = [
      name,
      `${least} / ${median(cpuUs).toFixed(0)}`,
      ratio,
      median(p99).toFixed(1),
      spans,
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
}

async function spansOf({ metricsUrl }: ExchangeUnderTest, result: string): Promise<string> {
  const body = await (await fetch(metricsUrl)).text();
  return new RegExp(`^helios_spans_total\\{result="${result}"\\} (\\d+)$`, 'm').exec(body)?.[1] ??
    '–';
}
