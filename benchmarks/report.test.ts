import { describe, expect, it, test } from 'vitest';
import type { HalfLoad, Pair } from './measure.ts';
import { median } from './median.ts';
import type { LoadReport } from './load-run.ts';
import { slopePerMinute } from './memory-slope.ts';
import { markdown, noErrors, nothingLost, type RunFigures } from './report.ts';

const load = (perSecond: number, answers: LoadReport['answers']): LoadReport => ({
  answers,
  failures: {},
  imps: 12,
  perSecond,
  p50: 1,
  p90: 3,
  p99: 5,
  p999: 8,
  max: 9,
  cpuUsPerRequest: 10,
});

const pair = (control: number, exchange: number): Pair => ({
  control: load(control, { 200: 10 }),
  exchange: load(exchange, { 200: 6, 204: 4 }),
  ratio: exchange / control,
  controlCpuUs: 25,
  exchangeCpuUs: 60,
  exchangeThreadsUs: new Map([['main', 40], ['journal', 10], ['sleeper', 0.1]]),
  catchUpS: 1,
});

const half: HalfLoad = {
  ratePerS: 5_000,
  seconds: 120,
  report: load(5_000, { 200: 6, 204: 4 }),
  control: { ratePerS: 10_000, report: { ...load(10_000, { 200: 20 }), p99: 2 } },
  expired: 0,
  cpuUsPerRequest: 70,
  rssStartMiB: 300,
  rssEndMiB: 301,
  rssMostMiB: 340,
  slopeMiBPerMinute: 0.5,
};

const figures: RunFigures = {
  runtime: 'node 24.21.0',
  profiles: 100_000,
  pairs: [pair(20_000, 10_000), pair(20_000, 9_000), pair(20_000, 8_000)],
  secondsPerRun: 8,
  half,
  answered: 40,
  imps: 48,
  expired: 0,
  ledger: { rows: 48, imps: 48, auctions: 40 },
};

test('nothingLost() wants every answered auction and imp exactly once', () => {
  expect(nothingLost(figures)).toBe(true);
  expect(nothingLost({ ...figures, ledger: { rows: 47, imps: 47, auctions: 40 } })).toBe(false);
  expect(nothingLost({ ...figures, ledger: { rows: 49, imps: 48, auctions: 40 } })).toBe(false);
  expect(nothingLost({ ...figures, ledger: { rows: 47, imps: 47, auctions: 39 } })).toBe(false);
});

test('nothingLost() allows for auctions that were answered empty at the deadline, and no others', () => {
  const ledger = { rows: 46, imps: 46, auctions: 38 };
  expect(nothingLost({ ...figures, expired: 2, ledger })).toBe(true);
  expect(nothingLost({ ...figures, expired: 1, ledger })).toBe(false);
});

test('nothingLost() allows for auctions of requests that got no answer, and no others', () => {
  const report = { ...half.report, failures: { 'no answer in time': 2 } };
  const ledger = { rows: 50, imps: 50, auctions: 42 };
  expect(nothingLost({ ...figures, half: { ...half, report }, ledger })).toBe(true);
  expect(nothingLost({ ...figures, ledger })).toBe(false);
});

test('noErrors() sees a refused request and a lost connection', () => {
  expect(noErrors(figures)).toBe(true);
  const refused = { ...half, report: load(5_000, { 200: 9, 503: 1 }) };
  expect(noErrors({ ...figures, half: refused })).toBe(false);
  const lost = { ...half, report: { ...half.report, failures: { 'connection closed': 1 } } };
  expect(noErrors({ ...figures, half: lost })).toBe(false);
});

test('markdown() gives the median ratio and says which aims are met', () => {
  const text = markdown(figures);
  expect(text).toContain('| **median** | **20,000** | **9,000** | **0.450** (aim ≥ 0.45: met)');
  expect(text).toContain('| the same of the control at 10,000/s | 1.0 / 2.0 / 8.0 / 9.0 ms |');
  expect(text).toContain('| p99 ≤ 10 ms | met |');
  expect(text).toContain('| exchange, main | 40.0 |\n| exchange, journal | 10.0 |\n\n');
  expect(text).toContain('every one exactly once');
});

test('median() of an even number is between the middle two', () => {
  expect(median([4, 1, 3, 2])).toBe(2.5);
});

describe('slopePerMinute()', () => {
  const growing = (taken: (atS: number) => number) =>
    slopePerMinute(Array.from({ length: 121 }, (_, atS) => ({
      atS,
      rssMiB: 300 + atS * 0.1 + taken(atS),
    })));

  it('is the growth of what is never given back', () => {
    expect(growing((atS) => atS % 2 ? 5 : -5)).toBeCloseTo(6, 0);
  });

  it('does not count what is taken for some seconds', () => {
    expect(growing((atS) => atS > 104 && atS < 112 ? 400 : 0)).toBeCloseTo(6, 0);
    expect(growing((atS) => atS > 60 ? 400 : 0)).toBeGreaterThan(100);
  });
});
