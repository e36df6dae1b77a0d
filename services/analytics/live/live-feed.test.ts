import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AUCTIONS, GRACE_MS, LiveFeed, SECONDS } from './live-feed.ts';
import { noSums } from './pulse.ts';
import { NOW_S, pulse } from './test-outcomes.ts';

const NOW_MS = NOW_S * 1000;
const row = (n: number) => ({ id: `auction-${n}`, at: NOW_MS + n }) as never;

test('a second is told when it is over and pulses on their way have come', () => {
  const feed = new LiveFeed(NOW_MS);
  feed.fold(pulse(NOW_S, 3, { tookMs: [[4, 3]] }));
  expect(feed.advance(NOW_MS + 999 + GRACE_MS)).toEqual([]);
  const updates = feed.advance(NOW_MS + 1000 + GRACE_MS);
  expect(updates).toHaveLength(1);
  expect(updates![0]!.second).toEqual({ at: NOW_S, ...noSums(), auctions: 3, p50Ms: 4, p99Ms: 4 });
  expect(feed.totals(NOW_MS).seconds).toEqual([updates![0]!.second]);
});

test('whatever the order and lateness of pulses, every auction is told once and no second is missing', () => {
  const steps = fc.array(
    fc.oneof(
      fc.record({ kind: fc.constant('pulse' as const), lag: fc.integer({ min: -9, max: 9 }) }),
      fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 4_000 }) }),
    ),
    { maxLength: 200 },
  );
  fc.assert(fc.property(steps, (given) => {
    const feed = new LiveFeed(NOW_MS);
    let now = NOW_MS;
    let sent = 0;
    const told: { at: number; auctions: number }[] = [];
    for (const step of given) {
      if (step.kind === 'wait') {
        now += step.ms;
        told.push(...feed.advance(now)!.map(({ second }) => second));
      } else feed.fold(pulse(Math.floor(now / 1000) + step.lag, ++sent));
    }
    told.push(...feed.advance(now + 30_000)!.map(({ second }) => second));
    expect(told.map(({ at }) => at)).toEqual(told.map((_, n) => NOW_S + n));
    expect(told.reduce((sum, { auctions }) => sum + auctions, 0)).toBe(sent * (sent + 1) / 2);
    const kept = feed.totals(now).seconds;
    expect(kept).toEqual(told.slice(-SECONDS));
  }));
});

test('prices, seats and sites are those of the last five minutes', () => {
  const feed = new LiveFeed(NOW_MS);
  const top = { name: 'acme', won: 1, offered: 2, revenueMicros: 5 };
  const full = { won: [[2, 1]], lost: [[1, 4]], seats: [top], sites: [top] } as never;
  feed.fold(pulse(NOW_S, 1, full));
  for (let s = 1; s <= SECONDS; s++) feed.advance(NOW_MS + s * 1000 + GRACE_MS);
  const before = feed.totals(NOW_MS);
  expect(before.prices.won.slice(0, 3)).toEqual([0, 0, 1]);
  expect(before.prices.lost.slice(0, 3)).toEqual([0, 4, 0]);
  expect(before.prices.won).toHaveLength(before.prices.bounds.length + 1);
  expect([before.seats, before.sites]).toEqual([[top], [top]]);
  feed.advance(NOW_MS + (SECONDS + 1) * 1000 + GRACE_MS);
  const after = feed.totals(NOW_MS);
  expect(after.seconds).toHaveLength(SECONDS);
  expect([...after.prices.won, ...after.prices.lost].every((count) => count === 0)).toBe(true);
  expect([after.seats, after.sites]).toEqual([[], []]);
});

test('the tops are the eight that brought most', () => {
  const feed = new LiveFeed(NOW_MS);
  const sites = Array.from({ length: 20 }, (_, n) => (
    { name: `site-${n}`, won: 1, offered: 1, revenueMicros: n }
  ));
  feed.fold(pulse(NOW_S, 20, { sites }));
  const [update] = feed.advance(NOW_MS + 2_000)!;
  expect(update!.sites.map(({ name }) => name)).toEqual(
    [19, 18, 17, 16, 15, 14, 13, 12].map((n) => `site-${n}`),
  );
});

test('where a share of the details is kept, the bids of seats are estimated from it', () => {
  const feed = new LiveFeed(NOW_MS);
  const seats = [{ name: 'acme', won: 30, offered: 20, revenueMicros: 1 }];
  feed.fold(pulse(NOW_S, 100, { explained: 25, seats }));
  expect(feed.advance(NOW_MS + 2_000)![0]!.seats[0]!.offered).toBe(80);
});

test('auctions are told once, newest first, and the last 200 are kept', () => {
  const feed = new LiveFeed(NOW_MS);
  expect(feed.takeAuctions()).toBeUndefined();
  feed.fold(pulse(NOW_S, 5, { rows: [row(2), row(1)] }));
  feed.fold(pulse(NOW_S, 1, { rows: [row(3)] }));
  expect(feed.auctions()).toEqual({ rows: [], passed: 0 });
  expect(feed.takeAuctions()).toEqual({ rows: [row(3), row(2), row(1)], passed: 3 });
  expect(feed.takeAuctions()).toBeUndefined();
  for (let n = 4; n < 400; n++) {
    feed.fold(pulse(NOW_S, 1, { rows: [row(n)] }));
    feed.takeAuctions();
  }
  const { rows } = feed.auctions();
  expect(rows).toHaveLength(AUCTIONS);
  expect(rows[0]).toEqual(row(399));
});

test('a frame is bounded too: what does not fit is counted', () => {
  const feed = new LiveFeed(NOW_MS);
  const rows = Array.from({ length: 500 }, (_, n) => row(n));
  feed.fold(pulse(NOW_S, 600, { rows }));
  const frame = feed.takeAuctions()!;
  expect(frame.rows).toHaveLength(AUCTIONS);
  expect(frame.rows.length + frame.passed).toBe(600);
});

test.each([
  ['sleeps', (SECONDS + 5) * 1000],
  ['goes back', -60_000],
])('a clock that %s is told, so that the feed begins anew', (_what, ms) => {
  expect(new LiveFeed(NOW_MS).advance(NOW_MS + ms)).toBeUndefined();
});

test('the past comes before what the feed has seen, without holes', () => {
  const feed = new LiveFeed(NOW_MS);
  feed.fold(pulse(NOW_S, 1, { rows: [row(9)] }));
  feed.advance(NOW_MS + 2_000);
  feed.takeAuctions();
  const old = { ...noSums(), at: NOW_S - 2, auctions: 7, p50Ms: 1, p99Ms: 2 };
  const tooOld = { ...old, at: NOW_S - 400 };
  const top = { name: 'news', won: 1, offered: 2, revenueMicros: 3 };
  feed.seed({
    seconds: [old, tooOld],
    sites: [{ at: NOW_S - 2, top }, { at: NOW_S - 400, top }],
    times: [],
    rows: [row(1)],
  });
  const { seconds, sites } = feed.totals(NOW_MS);
  expect(seconds).toHaveLength(SECONDS);
  expect(seconds.map(({ at }) => at)).toEqual(
    Array.from({ length: SECONDS }, (_, n) => NOW_S - SECONDS + 1 + n),
  );
  expect(seconds.slice(-3).map(({ auctions }) => auctions)).toEqual([7, 0, 1]);
  expect(sites).toEqual([top]);
  expect(feed.auctions().rows).toEqual([row(9), row(1)]);
});

test('the past may be told again, when more of it is known', () => {
  const feed = new LiveFeed(NOW_MS);
  const second = { ...noSums(), at: NOW_S - 1, auctions: 7, p50Ms: 1, p99Ms: 2 };
  const top = { name: 'news', won: 1, offered: 2, revenueMicros: 3 };
  feed.seed({ seconds: [], sites: [{ at: NOW_S - 2, top }], times: [], rows: [] });
  feed.fold(pulse(NOW_S, 1));
  feed.advance(NOW_MS + 2_000);
  const sites = [{ at: NOW_S - 2, top }, { at: NOW_S - 1, top: { ...top, won: 2 } }];
  feed.seed({ seconds: [second], sites, times: [], rows: [row(1)] });
  const totals = feed.totals(NOW_MS);
  expect(totals.seconds).toHaveLength(SECONDS);
  expect(totals.seconds.slice(-3).map(({ auctions }) => auctions)).toEqual([0, 7, 1]);
  expect(totals.sites).toEqual([{ name: 'news', won: 3, offered: 4, revenueMicros: 6 }]);
  expect(feed.auctions().rows).toEqual([row(1)]);
});

test('says since when bids are counted, which the past does not tell of', () => {
  const feed = new LiveFeed(NOW_MS);
  feed.seed({ seconds: [], sites: [], times: [], rows: [] });
  expect(feed.totals(NOW_MS)).toMatchObject({ bidsSince: NOW_S, seconds: { length: SECONDS } });
  feed.advance(NOW_MS + SECONDS * 1000 + GRACE_MS);
  expect(feed.totals(NOW_MS).bidsSince).toBe(NOW_S);
  const [later] = feed.advance(NOW_MS + (SECONDS + 1) * 1000 + GRACE_MS)!;
  expect(later!.bidsSince).toBe(NOW_S + 1);
});

test('tells the answer times of the last minute, each auction counted once', () => {
  const feed = new LiveFeed(NOW_MS);
  expect(feed.totals(NOW_MS)).toMatchObject({ p50Ms: null, p99Ms: null });
  feed.seed({
    seconds: [],
    sites: [],
    times: [{ at: NOW_S - 1, ms: 1, auctions: 150 }, { at: NOW_S - 400, ms: 31, auctions: 900 }],
    rows: [],
  });
  expect(feed.totals(NOW_MS)).toMatchObject({ p50Ms: 1, p99Ms: 1 });
  feed.fold(pulse(NOW_S, 49, { tookMs: [[3, 48], [30, 1]] }));
  // One slow auction of 199 is a second's slowest hundredth, but not the minute's.
  const [first] = feed.advance(NOW_MS + 1_000 + GRACE_MS)!;
  expect(first).toMatchObject({ second: { p50Ms: 3, p99Ms: 30 }, p50Ms: 1, p99Ms: 3 });
  const later = feed.advance(NOW_MS + 60_000 + GRACE_MS)!;
  expect(later.at(-1)).toMatchObject({ p50Ms: 3, p99Ms: 30 });
  const [last] = feed.advance(NOW_MS + 61_000 + GRACE_MS)!;
  expect(last).toMatchObject({ p50Ms: null, p99Ms: null });
});
