import { expect, test } from 'vitest';
import { fitCosts, fitLine, requestsPerAuction } from './fit.ts';
import type { Use } from './meters.ts';
import type { Step } from './steps.ts';

test('fitLine() finds the line that points are on', () => {
  const line = fitLine([1, 2, 5].map((x) => ({ x, y: 3 + 2 * x })))!;
  expect(line.a).toBeCloseTo(3);
  expect(line.b).toBeCloseTo(2);
  expect(line.r2).toBeCloseTo(1);
});

test('fitLine() goes between points that are on none', () => {
  const line = fitLine([{ x: 0, y: 1 }, { x: 0, y: 3 }, { x: 2, y: 4 }, { x: 2, y: 6 }])!;
  expect(line.a).toBeCloseTo(2);
  expect(line.b).toBeCloseTo(1.5);
  expect(line.r2).toBeGreaterThan(0.5);
  expect(line.r2).toBeLessThan(1);
});

test('fitLine() never says a cost is negative', () => {
  expect(fitLine([{ x: 1, y: 0 }, { x: 2, y: 10 }])).toMatchObject({ a: 0, b: 4 });
  expect(fitLine([{ x: 1, y: 4 }, { x: 2, y: 2 }])).toMatchObject({ a: 3, b: 0 });
});

test('fitLine() needs two places', () => {
  expect(fitLine([])).toBeUndefined();
  expect(fitLine([{ x: 1, y: 1 }, { x: 1, y: 2 }])).toBeUndefined();
});

const use = (name: string, cpuMs: number, produce: number, fetch: number): Use => ({
  name,
  part: 'path',
  cpuMs,
  rssMiB: 100,
  produce,
  fetch,
  other: 9,
  bytesIn: 0,
  bytesOut: 0,
});
const step = (share: number, uses: Use[]): Step => ({
  target: 'distributed',
  ratePerS: 1,
  seconds: 1,
  sent: 1,
  inTime: 1,
  share,
  perSecond: 1,
  p50: 1,
  p90: 1,
  p99: 1,
  max: 1,
  cpuMs: uses.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
  pathCpuMs: 1,
  uses,
  generatorCpuMs: 1,
  drops: {},
  machine: { busy: 1, stolen: 0 },
});

test('requestsPerAuction() counts produce and fetch of all processes', () => {
  expect(requestsPerAuction(step(1, [use('a', 1, 1, 2), use('b', 1, 3, 4)]))).toBe(10);
});

test('fitCosts() fits all and each, by requests of its own or of all, over the sustained steps', () => {
  const steps = [
    step(1, [use('a', 5, 2, 2), use('b', 1, 0, 0)]),
    step(1, [use('a', 3, 1, 1), use('b', 1, 0, 0)]),
    step(0.9, [use('a', 99, 1, 0), use('b', 99, 0, 0)]),
  ];
  const fits = fitCosts(steps);
  expect(fits.map(({ name }) => name)).toEqual(['all', 'a', 'b']);
  expect(fits[0]).toMatchObject({ a: expect.closeTo(2), b: expect.closeTo(1) });
  expect(fits[1]).toMatchObject({ a: expect.closeTo(1), b: expect.closeTo(1) });
  expect(fits[2]).toMatchObject({ a: expect.closeTo(1), b: expect.closeTo(0) });
});

test('fitCosts() says nothing of a single step', () => {
  expect(fitCosts([step(1, [use('a', 5, 2, 2)])])).toEqual([]);
});
