/**
 * `npm run bench:kafka`: the exchange over a real Kafka and Redis, one process per stage and fused,
 * with the CPU of every process counted, beside bare kafkajs stages that pass messages of the same
 * sizes. README.md beside this file says what is claimed and how it is measured.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import process from 'node:process';
import { DEMO_PROFILES } from '#shared/demo/profiles.ts';
import { number, parseFlags, text, toggle, whole } from '../scripts/flags.ts';
import {
  type Control,
  type ControlClientName,
  type MessageSizes,
  startControl,
} from './kafka/control.ts';
import { writeDocs } from './kafka/docs.ts';
import { emptyFigures, type Figures } from './kafka/figures.ts';
import { fitCosts } from './kafka/fit.ts';
import { measureFused, targetOf } from './kafka/fused.ts';
import { measureIngest } from './kafka/ingest.ts';
import { markdown } from './kafka/report.ts';
import { scaleBlocks } from './kafka/scale.ts';
import { type Shape, startShape } from './kafka/shapes.ts';
import { openSite, type Site } from './kafka/site.ts';
import { measureSlices } from './kafka/slices.ts';
import { measureIdle, measureStep, measureSteps, type Target } from './kafka/steps.ts';
import { bytesPerRecord, readTopicSizes } from './kafka/topic-sizes.ts';
import { LoadGenerator } from './load-generator.ts';
import { runBenchmark } from './run-benchmark.ts';

const ROWS = ['distributed', 'control', 'fused', 'ingest', 'slices'];
/** Names of the steps of each control. */
const CONTROLS: Record<ControlClientName, string> = {
  kafkajs: 'control',
  own: 'control, own client',
};
/** A rate any machine keeps: compilers and allocators settle meanwhile. */
const WARM_UP_RATE = 200;
const IDLE_S = 5;
/** Of an auction of the demo with three seats, where none was measured in the same run. */
const USUAL_SIZES: MessageSizes = {
  requests: 1_600,
  responses: 2_200,
  outcomes: 1_300,
  details: 5_500,
};

const { values: flags } = parseFlags({
  rows: text('what to measure', 'distributed,control,fused,ingest', /^[a-z,]+$/, ROWS.join(',')),
  rates: text(
    'auctions per second, one step each',
    '250,500,1000,1500,2000,3000',
    /^\d+(,\d+)*$/,
    'whole numbers with commas between',
  ),
  seconds: number('of each step', 1, 120, 10),
  'warm-up': number('seconds of it', 0, 300, 20),
  pairs: whole('fused and embedded at saturation, in turn', 1, 20, 3),
  partitions: whole('of each auction topic', 1, 256, 4),
  profiles: whole('written before the measurement', 0, 1_000_000, 20_000),
  outcomes: whole('that wait for ClickHouse', 1_000, 5_000_000, 150_000),
  json: text('a file for all figures'),
  docs: toggle('writes the figures into benchmarks/README.md and docs/scale.md'),
  show: text('a file of --json: reports it and measures nothing'),
}, {
  command: 'npm run bench:kafka --',
  about: 'Measures the exchange over a real Kafka and Redis and prints a block for\n' +
    'benchmarks/README.md, where it says how. About 8 minutes; it needs Java 17.',
});

// Each process of the measurement is ended when this one ends.
process.setMaxListeners(50);
const rows = flags.rows.split(',');
const users = Math.max(DEMO_PROFILES, flags.profiles);

await runBenchmark(async () => {
  if (flags.show !== undefined) return print(JSON.parse(readFileSync(flags.show, 'utf8')));
  const unknown = rows.find((row) => !ROWS.includes(row));
  if (unknown !== undefined) throw new Error(`--rows ${unknown}: allowed is ${ROWS.join(', ')}`);
  const figures = emptyFigures(flags);
  say('starting Kafka and Redis');
  const site = await openSite();
  const generator = await LoadGenerator.start(users);
  try {
    if (rows.includes('distributed') || rows.includes('control')) {
      await measureRates(site, generator, figures);
      keep(figures);
    }
    if (rows.includes('fused')) {
      figures.fused = await measureFused(site, { generator, ...options(), pairs: flags.pairs });
      keep(figures);
    }
    if (rows.includes('ingest')) {
      const { outcomes, partitions } = flags;
      figures.ingest = await measureIngest(site, { outcomes, partitions, say });
      keep(figures);
    }
    if (rows.includes('slices')) {
      const order = { counts: [1, 2, 4], ratePerS: 500, users, ...options() };
      figures.slices = await measureSlices(site, order);
      keep(figures);
    }
  } finally {
    await generator.stop();
    await site.stop();
  }
  print(figures);
});

function options() {
  const { seconds, partitions, profiles } = flags;
  return { seconds, partitions, profiles, warmUpS: flags['warm-up'], say };
}

/** Rows `distributed` and `control`, at the same rates in turn. */
async function measureRates(site: Site, generator: LoadGenerator, figures: Figures): Promise<void> {
  let shape: Shape | undefined;
  const controls: Control[] = [];
  const { 'warm-up': warmUpS, partitions } = flags;
  try {
    const targets: Target[] = [];
    let sizes = USUAL_SIZES;
    if (rows.includes('distributed')) {
      say('starting one process per stage');
      shape = await startShape(site, { prefix: 'stages', fused: false, ...options() });
      const target = targetOf('distributed', site, shape);
      targets.push(target);
      const before = await readTopicSizes(site, shape.names);
      say(`warming up for ${warmUpS} s`);
      if (warmUpS > 0) await measureStep(generator, target, WARM_UP_RATE, warmUpS);
      const after = await readTopicSizes(site, shape.names);
      const measured: MessageSizes = {
        requests: Math.round(bytesPerRecord(before, after, 'bid_requests')),
        responses: Math.round(bytesPerRecord(before, after, 'bid_responses')),
        outcomes: Math.round(bytesPerRecord(before, after, 'auction_outcomes')),
        details: Math.round(bytesPerRecord(before, after, 'auction_details')),
      };
      if (Object.values(measured).every((bytes) => bytes > 0)) figures.sizes = sizes = measured;
    }
    if (rows.includes('control')) {
      for (const [client, name] of Object.entries(CONTROLS)) {
        const control = await startControl(site, client as ControlClientName, sizes, partitions);
        controls.push(control);
        const { port, processes } = control;
        const metered = [...site.engines, ...processes];
        const target: Target = { name, port, metered, metrics: [] };
        targets.push(target);
        if (warmUpS > 0) await measureStep(generator, target, WARM_UP_RATE, warmUpS);
      }
    }
    const all = new Map(targets.flatMap(({ metered }) => metered.map((one) => [one.name, one])));
    figures.idle = await measureIdle([...all.values()], IDLE_S);
    const rates = flags.rates.split(',').map(Number);
    const steps = await measureSteps({ generator, targets, rates, seconds: flags.seconds, say });
    figures.distributed = steps.filter(({ target }) => target === 'distributed');
    figures.control = steps.filter(({ target }) => target === CONTROLS.kafkajs);
    figures.ownControl = steps.filter(({ target }) => target === CONTROLS.own);
    figures.fits = fitCosts(figures.distributed);
    figures.controlFits = fitCosts(figures.control);
  } finally {
    for (const control of controls) await control.stop();
    await shape?.stop();
  }
}

/** After each row: an interrupted run leaves what it has. */
function keep(figures: Figures): void {
  if (flags.json !== undefined) writeFileSync(flags.json, `${JSON.stringify(figures, null, 1)}\n`);
}

function print(figures: Figures): void {
  console.log(`\n${markdown(figures)}\n`);
  for (const [name, block] of Object.entries(scaleBlocks(figures, availableParallelism()))) {
    console.log(`#### ${name}, for docs/scale.md\n\n${block}\n`);
  }
  if (flags.docs) writeDocs(figures);
}

function say(line: string): void {
  console.error(`${(performance.now() / 1_000).toFixed(0).padStart(4)} s  ${line}`);
}
