import { expect, test } from 'vitest';
import { replaceBlocks } from './docs.ts';
import type { Figures } from './figures.ts';
import type { CostFit } from './fit.ts';
import type { Use } from './meters.ts';
import { needsOf } from './needs.ts';
import { pipelineModel, reproduce } from './pipeline.ts';
import { markdown } from './report.ts';
import { scaleBlocks } from './scale.ts';
import type { Step } from './steps.ts';
import { simulate } from '../queueing.ts';

const COSTS: Record<string, [a: number, b: number, part: Use['part']]> = {
  kafka: [0.12, 0.06, 'engine'],
  redis: [0.01, 0.005, 'engine'],
  gateway: [0.1, 0.1, 'path'],
  bidding: [0.12, 0.1, 'path'],
  auction: [0.1, 0.1, 'path'],
  profile: [0.02, 0.01, 'path'],
  analytics: [0.06, 0.05, 'beside'],
  clickhouse: [0.05, 0, 'beside'],
};
const FITS: CostFit[] = Object.entries(COSTS).map(([name, [a, b]]) => ({ name, a, b, r2: 1 }));

/** As a machine would have measured it that is what the model says, with fewer requests as rates grow. */
function step(ratePerS: number, target = 'distributed'): Step {
  const requests = Math.min(1, 500 / ratePerS);
  const uses = Object.entries(COSTS).map(([name, [a, b, part]]): Use => ({
    name,
    part,
    cpuMs: a + b * requests,
    rssMiB: 200,
    produce: requests / 2,
    fetch: requests / 2,
    other: 0,
    bytesIn: 1_000,
    bytesOut: 700,
  }));
  const cpuOf = (some: Use[]) => some.reduce((sum, { cpuMs }) => sum + cpuMs, 0);
  const pathCpuMs = cpuOf(uses.filter(({ part }) => part !== 'beside'));
  const machine = { busy: 0.5, stolen: 0.02 };
  const { p50, p90, p99, max } = simulate(
    pipelineModel(FITS, { delayMs: 0.5, stallMs: 12 }, { cores: 2, stolen: 0.02, besideMs: 0.2 }),
    { ratePerS, seconds: 10, arrivals: 'even', seed: 77 },
  );
  return {
    target,
    ratePerS,
    seconds: 10,
    sent: ratePerS * 10,
    inTime: ratePerS * 10,
    share: 1,
    perSecond: ratePerS,
    p50,
    p90,
    p99,
    max,
    cpuMs: cpuOf(uses),
    pathCpuMs,
    uses,
    generatorCpuMs: 0.03,
    drops: {},
    machine,
  };
}

const STEPS = [250, 500, 1_000].map((rate) => step(rate));
const node = {
  ...STEPS[2]!,
  uses: [...STEPS[2]!.uses.filter(({ part }) => part !== 'path'), {
    ...STEPS[2]!.uses[2]!,
    name: 'node',
    cpuMs: 0.3,
  }],
};
const FIGURES: Figures = {
  day: '2026-11-23',
  runtime: 'node 24.21.0',
  machine: '2 × a processor',
  partitions: 4,
  profiles: 1_000,
  seconds: 10,
  sizes: { requests: 1_200, responses: 2_400, outcomes: 700, details: 1_600 },
  idle: [{ name: 'kafka', msPerS: 12 }],
  distributed: STEPS,
  control: STEPS.map((one) => ({ ...one, target: 'control', cpuMs: one.cpuMs / 1.5 })),
  fits: [{ name: 'all', a: 0.58, b: 0.43, r2: 1 }, ...FITS],
  controlFits: [],
  fused: {
    pairs: [{ embedded: node, fused: node, ratio: 0.8 }],
    ratio: 0.8,
    half: node,
    embeddedHalf: node,
  },
  ingest: {
    outcomes: 100,
    imps: 120,
    perSecond: 20_000,
    allS: 9,
    rows: 120,
    unique: 120,
    uses: [],
    machine: { busy: 1, stolen: 0 },
  },
  slices: [],
};

test('reproduce() finds what steps were made with, and the steps it was not tuned at', () => {
  const { tuning, steps } = reproduce(STEPS, FITS, 2)!;
  expect(tuning.delayMs).toBeGreaterThanOrEqual(0.3);
  expect(tuning.delayMs).toBeLessThanOrEqual(0.7);
  expect(steps.map(({ tuned }) => tuned)).toEqual([false, true, false]);
  for (const { step: { p50 }, simulated } of steps) {
    expect(Math.abs(simulated.p50 - p50) / p50).toBeLessThan(0.2);
  }
}, 60_000);

test('needsOf() grows with the rate, and the fused shape needs less', () => {
  const [small, large] = [10_000, 1_000_000].map((rate) => needsOf(FIGURES, 'distributed', rate)!);
  const fused = needsOf(FIGURES, 'fused', 1_000_000)!;
  expect(large!.instances['gateway']!).toBeGreaterThan(50 * small!.instances['gateway']!);
  expect(large!.partitions).toBeGreaterThanOrEqual(3 * large!.instances['bidding']!);
  expect(Math.abs(large!.cores / small!.cores - 100)).toBeLessThan(10);
  expect(large!.networkGbit).toBeCloseTo(100 * small!.networkGbit);
  expect(fused.instances).not.toHaveProperty('gateway');
  expect(fused.networkGbit).toBeLessThan(large!.networkGbit);
  expect(small!.brokers).toBeGreaterThanOrEqual(3);
});

test('needsOf() says nothing of a shape that was not measured', () => {
  const { fused: _, ...without } = FIGURES;
  expect(needsOf(without, 'fused', 10_000)).toBeUndefined();
  expect(needsOf({ ...FIGURES, distributed: [] }, 'distributed', 10_000)).toBeUndefined();
});

test('scaleBlocks() has every block, with and without measurements', () => {
  const blocks = scaleBlocks(FIGURES, 2);
  const names = ['run', 'costs', 'bytes', 'queueing', 'instance', 'needs', 'slices'];
  expect(Object.keys(blocks)).toEqual(names);
  expect(blocks['needs']).toContain('1,000,000');
  expect(blocks['queueing']).toContain('(tuned here)');
  expect(blocks['slices']).toBe('Not measured in this run.');
  const nothing = { ...FIGURES, distributed: [], control: [], fits: [], fused: undefined };
  expect(scaleBlocks(nothing, 2)['needs']).toBe('Not measured in this run.');
}, 60_000);

test('markdown() tells which aims are met', () => {
  const text = markdown(FIGURES);
  expect(text).toMatch(/distributed: at least 2,000\/s sustained +\| 1,000\/s +\| missed/);
  expect(text).toMatch(/at most 1.6 × the control +\| 1.50 × +\| met/);
  expect(text).toMatch(/fused: at least 0.6 of embedded +\| 0.80 +\| met/);
  expect(text).toContain('every imp is there once');
});

test('replaceBlocks() changes what is between the marks and nothing else', () => {
  const text = 'a\n<!-- x -->\nold\n<!-- /x -->\nb\n';
  expect(replaceBlocks(text, { x: 'new' })).toBe('a\n<!-- x -->\n\nnew\n\n<!-- /x -->\nb\n');
  expect(replaceBlocks(replaceBlocks(text, { x: 'new' }), { x: 'new' })).toContain('\n\nnew\n\n');
  expect(() => replaceBlocks(text, { y: 'new' })).toThrow('<!-- y -->');
});
