import { expect, test } from 'vitest';
import type { BidRequest } from '../model/openrtb.ts';
import { parseBidRequest } from '../model/openrtb-parse.ts';
import { rateAt, sampleRequests } from './traffic.ts';

const SAMPLE = 5_000;
const requestAt = sampleRequests(7);
const sample = Array.from({ length: SAMPLE }, (_, sequence) => requestAt(sequence));

/** Share of the sample that is so. */
function shareOf(is: (request: BidRequest) => unknown): number {
  return sample.filter(is).length / SAMPLE;
}

test('sampleRequests() makes requests the exchange accepts without a warning', () => {
  for (const request of sample) {
    // Parsing takes the object over: it gets a copy.
    const parsed = parseBidRequest(JSON.parse(JSON.stringify(request)));
    expect(parsed, JSON.stringify(request)).toMatchObject({ ok: true, warnings: [] });
  }
});

test('sampleRequests() gives the same bytes for the same seed and sequence, in any order', () => {
  const again = sampleRequests(7);
  for (const sequence of [4_999, 0, 123]) {
    expect(JSON.stringify(again(sequence))).toBe(JSON.stringify(sample[sequence]));
  }
  expect(JSON.stringify(sampleRequests(8)(0))).not.toBe(JSON.stringify(sample[0]));
});

test('sampleRequests() never repeats an id under one seed', () => {
  expect(new Set(sample.map(({ id }) => id)).size).toBe(SAMPLE);
});

test('sampleRequests() meets the documented shares', () => {
  const shares: [string, number, (request: BidRequest) => unknown][] = [
    ['known user', 0.7, ({ user }) => user?.id?.startsWith('user-')],
    ['unknown user', 0.15, ({ user }) => user?.id?.startsWith('visitor-')],
    ['no user', 0.15, ({ user }) => user === undefined],
    ['gdpr', 0.3, ({ regs }) => regs?.gdpr === 1],
    ['lmt', 0.06, ({ device }) => device?.lmt === 1],
    ['coppa', 0.02, ({ regs }) => regs?.coppa === 1],
    ['first price', 0.25, ({ at }) => at === 1],
    ['badv', 0.12, ({ badv }) => badv],
    ['bcat', 0.15, ({ bcat }) => bcat],
    ['app', 0.25, ({ app }) => app],
    ['several imps', 0.16, ({ imp }) => imp.length > 1],
  ];
  // Three standard deviations of a share of 5,000 are at most 0.021.
  for (const [name, share, is] of shares) {
    expect(Math.abs(shareOf(is) - share), name).toBeLessThan(0.021);
  }
});

test('sampleRequests() covers what an exchange meets', () => {
  const distinct = (pick: (request: BidRequest) => unknown) => new Set(sample.map(pick));
  const imps = sample.flatMap(({ imp }) => imp);
  expect(imps.some(({ banner }) => banner)).toBe(true);
  expect(imps.some(({ video }) => video)).toBe(true);
  expect(imps.some(({ native }) => native)).toBe(true);
  expect(distinct(({ site }) => site?.domain).size).toBe(25 + 1);
  expect(distinct(({ app }) => app?.bundle).size).toBe(10 + 1);
  expect(distinct(({ device }) => device?.devicetype)).toEqual(new Set([2, 3, 4, 5]));
  expect(distinct(({ device }) => device?.geo?.country).size).toBeGreaterThanOrEqual(8);
  expect(sample.some(({ test }) => test === 1)).toBe(false);
});

test('sampleRequests() has users of unequal popularity, up to the last one asked for', () => {
  const visits = new Map<string, number>();
  for (const { user } of sample) {
    if (user?.id?.startsWith('user-')) visits.set(user.id, (visits.get(user.id) ?? 0) + 1);
  }
  expect(visits.size).toBe(200);
  const total = [...visits.values()].reduce((sum, count) => sum + count, 0);
  const busiest = [...visits.values()].sort((a, b) => b - a).slice(0, 20);
  expect(busiest.reduce((sum, count) => sum + count, 0) / total).toBeGreaterThan(0.28);
  const many = sampleRequests(7, { users: 100_000 });
  const ids = new Set(Array.from({ length: SAMPLE }, (_, sequence) => many(sequence).user?.id));
  expect(ids.size).toBeGreaterThan(3_000);
});

test('rateAt() is 1 on average, lowest before dawn and highest in the evening', () => {
  const hours = Array.from({ length: 24 }, (_, hour) => rateAt(hour / 24));
  expect(hours.reduce((sum, rate) => sum + rate, 0) / 24).toBeCloseTo(1, 9);
  expect(hours.indexOf(Math.min(...hours))).toBe(6);
  expect(hours.indexOf(Math.max(...hours))).toBe(21);
});
