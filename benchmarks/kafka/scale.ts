/** The blocks of docs/scale.md, from the figures of a run. */
import type { Figures } from './figures.ts';
import { requestsPerAuction } from './fit.ts';
import { ASSUMED, instanceRate, type Needs, needsOf, type ShapeName } from './needs.ts';
import { pipelineModel, reproduce, type Tuning } from './pipeline.ts';
import { fitsTable, slicesTable } from './report.ts';
import { SHARE_LEAST } from './steps.ts';
import { simulate } from '../queueing.ts';
import { count, fixed, percent, table } from './tables.ts';

const NONE = 'Not measured in this run.';
/** Above it a run says more of its machine's neighbours than of the exchange. */
const STOLEN_MOST = 0.05;

/** @param cores of the machine the run was made on */
export function scaleBlocks(figures: Figures, cores: number): Record<string, string> {
  const queueing = reproduce(figures.distributed, figures.fits, cores);
  return {
    run: runBlock(figures),
    costs: costsBlock(figures),
    bytes: bytesBlock(figures),
    queueing: queueing ? queueingBlock(queueing) : NONE,
    instance: queueing ? instanceBlock(figures, queueing.tuning) : NONE,
    needs: needsBlock(figures),
    slices: figures.slices.length > 0 ? slicesTable(figures.slices) : NONE,
  };
}

function runBlock({ day, runtime, machine, distributed, control, fused }: Figures): string {
  const steps = [...distributed, ...control, ...fused ? [fused.half] : []];
  const stolen = steps.map(({ machine }) => machine.stolen).filter(Number.isFinite);
  if (stolen.length === 0) return `From a run of ${day}, ${runtime}, ${machine}.`;
  const most = Math.max(...stolen);
  const kept = distributed.filter(({ share }) => share >= SHARE_LEAST).at(-1);
  return `From a run of ${day}, ${runtime}, ${machine}. Its host took away ${
    percent(Math.min(...stolen))
  } to ${percent(most)} of the machine${
    most > STOLEN_MOST ? ': **disturbed**, read the figures as upper bounds of cost' : ''
  }. Sustained with one process per stage: ${
    kept ? `${count(kept.perSecond)}/s` : 'none of the rates'
  }.`;
}

function costsBlock({ fits, distributed }: Figures): string {
  if (fits.length === 0) return NONE;
  const rows = distributed.filter(({ share }) => share >= SHARE_LEAST).map((step) => [
    count(step.ratePerS),
    fixed(1 / requestsPerAuction(step), 2),
    fixed(step.cpuMs, 2),
    fixed(fits[0]!.a + fits[0]!.b * requestsPerAuction(step), 2),
  ]);
  return `${fitsTable(fits)}\n\n${
    table(['rate/s', 'auctions per request', 'CPU ms measured', 'fitted'], rows)
  }`;
}

function bytesBlock({ sizes, distributed, fused }: Figures): string {
  const top = distributed.findLast(({ share }) => share >= SHARE_LEAST);
  const shapes = [['distributed', top], ['fused', fused?.pairs.at(-1)?.fused]] as const;
  const rows = shapes.flatMap(([name, step]) => {
    if (!step) return [];
    const { uses } = step;
    const sum = (pick: (use: (typeof uses)[number]) => number) =>
      uses.reduce((all, use) => all + pick(use), 0);
    return [[
      `${name}, ${count(step.ratePerS)}/s`,
      count(sum(({ bytesOut }) => bytesOut)),
      count(sum(({ bytesIn }) => bytesIn)),
      fixed(sum(({ produce }) => produce), 2),
      fixed(sum(({ fetch }) => fetch), 2),
    ]];
  });
  if (rows.length === 0 || !sizes) return NONE;
  const head = ['shape', 'bytes to Kafka', 'bytes from Kafka', 'produce requests', 'fetches'];
  return `On the topics: bid_requests ${count(sizes.requests)}, bid_responses ${
    count(sizes.responses)
  }, auction_outcomes ${count(sizes.outcomes)}, auction_details ${
    count(sizes.details)
  } bytes, one copy.\n\n${table(head, rows)}`;
}

function queueingBlock({ tuning, steps }: NonNullable<ReturnType<typeof reproduce>>): string {
  const rows = steps.map(({ step, simulated, tuned }) => [
    `${count(step.ratePerS)}${tuned ? ' (tuned here)' : ''}`,
    `${fixed(step.p50)} / ${fixed(step.p90)} / ${fixed(step.p99)}`,
    simulated.keepsUp
      ? `${fixed(simulated.p50)} / ${fixed(simulated.p90)} / ${fixed(simulated.p99)}`
      : 'does not keep up',
    step.share >= SHARE_LEAST ? '' : 'did not keep up',
    `${percent(step.machine.busy)} / ${percent(simulated.busy)}`,
  ]);
  const head = [
    'rate/s',
    'measured p50 / p90 / p99 ms',
    'simulated p50 / p90 / p99 ms',
    '',
    'machine busy, measured / simulated',
  ];
  return `${table(head, rows)}\n\nTuned: ${
    fixed(tuning.delayMs)
  } ms of waiting in each step, pauses of ${fixed(tuning.stallMs, 0)} ms on average.`;
}

/** One instance of each stage, with cores of their own, at shares of the rate they are planned for. */
function instanceBlock({ fits, distributed }: Figures, tuning: Tuning): string {
  const top = distributed.findLast(({ share }) => share >= SHARE_LEAST)!;
  const used = (name: string) => top.uses.find((use) => use.name === name)?.cpuMs ?? 0;
  const most = Math.min(
    ...['gateway', 'bidding', 'auction'].map((stage) => instanceRate(fits, stage, used(stage))),
  );
  const model = pipelineModel(fits, tuning, { cores: Infinity, stolen: 0, besideMs: 0 });
  const rows = [0.25, 0.5, 0.75, 1, 1.25].map((share) => {
    const ratePerS = most * share;
    const { p50, p90, p99, batches, keepsUp } = simulate(model, {
      ratePerS,
      seconds: 5,
      arrivals: 'poisson',
    });
    return [
      `${percent(share)} of plan`,
      count(ratePerS),
      keepsUp ? `${fixed(p50)} / ${fixed(p90)} / ${fixed(p99)}` : 'does not keep up',
      fixed(batches[0]!),
    ];
  });
  return table(['load', 'rate/s per instance', 'p50 / p90 / p99 ms', 'auctions per batch'], rows);
}

const RATES = [10_000, 100_000, 1_000_000];
const SHAPES: readonly ShapeName[] = ['distributed', 'fused'];

function needsBlock(figures: Figures): string {
  const rows = SHAPES.flatMap((shape) =>
    RATES.flatMap((ratePerS) => {
      const needs = needsOf(figures, shape, ratePerS);
      return needs ? [needsRow(shape, needs)] : [];
    })
  );
  if (rows.length === 0) return NONE;
  const head = [
    'auctions/s',
    'shape',
    'instances',
    'profile',
    'analytics',
    'partitions',
    'brokers',
    'Redis shards',
    'ClickHouse nodes',
    'network, Gbit/s',
    'Kafka disks, TB',
    'busy cores',
  ];
  return `${table(head, rows)}\n\nAssumed: ${assumptions()}.`;
}

function needsRow(shape: ShapeName, needs: Needs): string[] {
  const { instances } = needs;
  const stages = shape === 'fused'
    ? `${count(instances['node']!)} nodes`
    : `${count(instances['gateway']!)} gateway, ${count(instances['bidding']!)} bidding, ${
      count(instances['auction']!)
    } auction`;
  return [
    count(needs.ratePerS),
    shape,
    stages,
    count(instances['profile']!),
    count(instances['analytics']!),
    count(needs.partitions),
    `${count(needs.brokers)} (${needs.brokersFor})`,
    count(needs.redisShards),
    count(needs.clickhouseNodes),
    fixed(needs.networkGbit),
    fixed(needs.diskTb),
    count(needs.cores),
  ];
}

function assumptions(): string {
  const used = percent(ASSUMED.threadUsed);
  return [
    `${used} of the thread of a stage or a Redis shard used`,
    `brokers of ${ASSUMED.brokerCores} cores and ClickHouse nodes of ${ASSUMED.clickhouseCores}, half used, ` +
    `${ASSUMED.clickhouseReplicas} replicas of each row`,
    `${ASSUMED.replication} copies of each record, for ${ASSUMED.replicationCpu} times the broker's CPU`,
    `10 Gbit/s a broker, ${percent(ASSUMED.networkUsed)} of it used`,
    `an instance's partitions on ${ASSUMED.brokersTouched} brokers`,
    `one bidding group`,
    `analytics at ${percent(ASSUMED.ingestUsed)} of the rate it takes outcomes in`,
    `one spare instance of each stage`,
  ].join('; ');
}
