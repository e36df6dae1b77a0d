import { expect, test } from 'vitest';
import { type Hop, type QueueLoad, type QueueModel, simulate } from './queueing.ts';

const hop = (process: string, batch: number, each: number, paceMs = 0): Hop => ({
  name: process,
  paceMs,
  steps: [{ process, batch, each }],
});
const model = (hops: Hop[], more: Partial<QueueModel> = {}): QueueModel => ({
  hops,
  cores: 2,
  delayMs: 0,
  ...more,
});
const even = (ratePerS: number): QueueLoad => ({ ratePerS, seconds: 4, arrivals: 'even' });
const poisson = (ratePerS: number): QueueLoad => ({ ratePerS, seconds: 4, arrivals: 'poisson' });

test('alone, an auction takes what its steps and their delays take', () => {
  const result = simulate(model([hop('a', 1, 0.5), hop('b', 2, 0.5)], { delayMs: 0.25 }), even(10));
  expect(result.p50).toBeCloseTo(4.5);
  expect(result.max).toBeCloseTo(4.5);
  expect(result.batches).toEqual([1, 1]);
  expect(result.keepsUp).toBe(true);
  expect(result.busy).toBeCloseTo(10 * 4 / 1_000 / 2, 3);
});

test('it is the same each time, and another with another seed', () => {
  const one = model([hop('a', 1, 0.5, 3)]);
  expect(simulate(one, poisson(300))).toEqual(simulate(one, poisson(300)));
  expect(simulate(one, { ...poisson(300), seed: 9 })).not.toEqual(simulate(one, poisson(300)));
});

test('auctions that come one by one wait as the formula for one server says', () => {
  // A hop takes what waits as a batch, so this is not M/D/1 but close to it where batches are small:
  // the wait at utilisation u is then about u / 2 of a service.
  const { p50, p90 } = simulate(model([hop('a', 0, 1)]), { ...poisson(100), seconds: 40 });
  expect(p50).toBeGreaterThanOrEqual(1);
  expect(p50).toBeLessThan(1.1);
  expect(p90).toBeLessThan(1.6);
});

test('batches grow with the load, so the fixed cost of a batch is shared', () => {
  const results = [100, 1_000, 4_000].map((rate) =>
    simulate(model([hop('a', 1, 0.01, 2)]), even(rate))
  );
  const sizes = results.map(({ batches }) => batches[0]!);
  expect(sizes[0]).toBe(1);
  expect(sizes[1]!).toBeCloseTo(2, 0);
  expect(sizes[2]!).toBeGreaterThan(7);
  expect(results.every(({ keepsUp }) => keepsUp)).toBe(true);
});

test('a pace makes the auctions of a busy hop wait for the next batch', () => {
  const quick = simulate(model([hop('a', 0.1, 0.01)]), even(1_000));
  const paced = simulate(model([hop('a', 0.1, 0.01, 5)]), even(1_000));
  expect(paced.p50 - quick.p50).toBeGreaterThan(1.5);
  expect(paced.batches[0]!).toBeCloseTo(5, 0);
});

test('what follows a paced hop comes in its batches and does not wait again', () => {
  const paced = (first: number, rest: number) => {
    const hops = ['a', 'b', 'c', 'd'].map((name, at) => hop(name, 0.3, 0.01, at ? rest : first));
    return simulate(model(hops, { cores: Infinity }), poisson(1_000));
  };
  const { batches } = paced(8, 4);
  expect(batches[0]!).toBeCloseTo(8, 0);
  expect(batches).toEqual(Array(4).fill(batches[0]!));
  expect(paced(8, 4)).toEqual(paced(8, 0));
});

test('more than a process can do is not kept up with', () => {
  expect(simulate(model([hop('a', 0, 1)]), even(900)).keepsUp).toBe(true);
  expect(simulate(model([hop('a', 0, 1)]), even(1_500)).keepsUp).toBe(false);
  expect(simulate(model([hop('a', 0, 1)], { threads: { a: 2 } }), even(500)).keepsUp).toBe(true);
});

test('processes share the cores', () => {
  const hops = ['a', 'b', 'c', 'd'].map((process) => hop(process, 0.2, 0.5));
  const load = poisson(800);
  const own = simulate(model(hops, { cores: Infinity }), load);
  const two = simulate(model(hops, { cores: 2 }), load);
  expect(two.p99).toBeGreaterThan(own.p99);
  expect(simulate(model(hops, { cores: 1 }), load).keepsUp).toBe(false);
});

test('stalls of the host make a tail and leave the middle alone', () => {
  const hops = [hop('a', 0.1, 0.1)];
  const calm = simulate(model(hops), poisson(200));
  const stalled = simulate(model(hops, { stall: { ms: 20, share: 0.05 } }), poisson(200));
  expect(stalled.p99).toBeGreaterThan(calm.p99 + 5);
  expect(stalled.p50).toBeCloseTo(calm.p50, 1);
});

test('work beside needs cores too', () => {
  const hops = [hop('a', 0.1, 0.4)];
  const beside = { each: 1, everyMs: 100 };
  const alone = simulate(model(hops, { cores: 1 }), poisson(500));
  const shared = simulate(model(hops, { cores: 1, beside }), poisson(500));
  expect(shared.p90).toBeGreaterThan(alone.p90);
});
