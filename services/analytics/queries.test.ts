import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AuctionOutcome } from '#shared/model/events.ts';
import { OUTCOMES } from '#shared/warehouse/tables.ts';
import type { OutcomeFilters, Page } from './filters.ts';
import { outcomeRows } from './outcome-rows.ts';
import type { Query } from './conditions.ts';
import { outcomePage, scatteredPage } from './listing.ts';
import {
  dailyStats,
  newestOutcomes,
  outcomeStats,
  outcomeTotal,
  type StatsRow,
  type StoredOutcome,
  winnerSummary,
} from './queries.ts';
import { openEngines, type TestEngines } from './test-engines.ts';
import { idOf, impOutcome, outcome, TIME_MS, WINNER } from './test-records.ts';

const HOUR_MS = 3_600_000;
/** Every character that means something to SQL, to TSV or to a URL. */
const HOSTILE = `x' OR 1=1 -- \\ "\`{user_id:String}\t\n%00é💥`;
const USERS = ['user-1', 'user-2', HOSTILE, ''];
const SEATS = ['acme', 'zest'];

/** 240 auctions over 5 days, of one to three imps; several share a millisecond. */
const OUTCOMES_STORED: AuctionOutcome[] = Array.from({ length: 240 }, (_, n) => {
  const time = TIME_MS + Math.floor(n / 3) * 1.5 * HOUR_MS;
  const imps = Array.from({ length: 1 + n % 3 }, (_, i) => {
    const seat = SEATS[(n + i) % 2]!;
    const priceMicros = ((n * 7 + i * 3) % 20) * 250_000;
    const won = impOutcome({
      impid: `${i + 1}`,
      winner: {
        ...WINNER,
        seat,
        cid: `camp-${n % 4}`,
        priceMicros,
        bidMicros: priceMicros + 500_000,
      },
    });
    if ((n + i) % 5 === 0) delete won.winner;
    return won;
  });
  return outcome(n, {
    auctionId: idOf(n, time, n % 4),
    userId: USERS[n % 4]!,
    siteDomain: `site-${n % 5}.example`,
    publisherId: `pub-${n % 3}`,
    requestId: n === 7 ? HOSTILE : `request-${n % 60}`,
    enriched: n % 2 === 0,
    test: n % 10 === 9,
    tookMs: n % 50,
    imps,
  });
});

interface PlainRow {
  outcome: AuctionOutcome;
  time: number;
  imp: AuctionOutcome['imps'][number];
}
const ROWS: PlainRow[] = OUTCOMES_STORED.flatMap((outcome, n) =>
  outcome.imps.map((imp) => ({ outcome, imp, time: TIME_MS + Math.floor(n / 3) * 1.5 * HOUR_MS }))
);

/** What the filters mean, said once more in plain code. */
function matches(filters: OutcomeFilters, { outcome, imp, time }: PlainRow): boolean {
  const { winner } = imp;
  const priced = filters.minPriceMicros !== undefined || filters.maxPriceMicros !== undefined;
  const is = (wanted: unknown, value: unknown): boolean => wanted === undefined || wanted === value;
  return is(filters.requestId, outcome.requestId) && is(filters.userId, outcome.userId) &&
    is(filters.siteDomain, outcome.siteDomain) &&
    is(filters.winStatus, winner ? 'won' : 'no_bid') && is(filters.enriched, outcome.enriched) &&
    is(filters.seat, winner?.seat ?? '') && is(filters.campaign, winner?.cid ?? '') &&
    is(filters.publisherId, outcome.publisherId) &&
    time >= (filters.sinceMs ?? 0) && time < (filters.untilMs ?? Infinity) &&
    (!priced || (winner !== undefined && winner.priceMicros >= (filters.minPriceMicros ?? 0) &&
      winner.priceMicros <= (filters.maxPriceMicros ?? Infinity)));
}

const someTime = fc.integer({ min: -5, max: 125 }).map((hours) => TIME_MS + hours * HOUR_MS);
const somePrice = fc.integer({ min: 0, max: 20 }).map((n) => n * 250_000);
const someFilters: fc.Arbitrary<OutcomeFilters> = fc.record({
  userId: fc.constantFrom(...USERS.slice(0, 3), 'nobody', `' OR '1'='1`),
  siteDomain: fc.constantFrom('site-1.example', 'site-2.example'),
  winStatus: fc.constantFrom('won', 'no_bid'),
  enriched: fc.boolean(),
  minPriceMicros: somePrice,
  maxPriceMicros: somePrice,
  sinceMs: someTime,
  untilMs: someTime,
  seat: fc.constantFrom(...SEATS),
  campaign: fc.constantFrom('camp-1', 'camp-2'),
  publisherId: fc.constantFrom('pub-0', 'pub-2'),
  requestId: fc.constantFrom('request-7', 'request-8', HOSTILE, 'nobody'),
}, { requiredKeys: [] });

let engines: TestEngines;
const ask = <Row>({ sql, params }: Query): Promise<Row[]> =>
  engines.warehouse.query<Row>(sql, params);

beforeAll(async () => {
  engines = await openEngines();
  await engines.resetTables();
  const rows = OUTCOMES_STORED.flatMap((value, n) => outcomeRows(value, n % 4, Math.floor(n / 4)));
  await engines.warehouse.insert(OUTCOMES, rows, 'rows of this test');
});
afterAll(() => engines.dispose());

describe('outcomePage() and outcomeTotal()', () => {
  test('let through what the filters mean, newest first', async () => {
    await fc.assert(
      fc.asyncProperty(someFilters, async (filters) => {
        const expected = ROWS.filter((row) => matches(filters, row))
          .map(({ outcome, imp }) => `${outcome.auctionId}/${imp.impid}`).sort().reverse();
        const rows = await ask<StoredOutcome>(outcomePage(filters, { limit: 500 }));
        expect(rows.map(({ auction_id, imp_id }) => `${auction_id}/${imp_id}`)).toEqual(expected);
        expect(await ask(scatteredPage(filters, { limit: 500 }))).toEqual(rows);
        expect(await ask(outcomeTotal(filters))).toEqual([{ total: expected.length }]);
      }),
      { numRuns: 60 },
    );
  });

  test('pages reach every row once, also where many share a millisecond', async () => {
    const seen: string[] = [];
    let after: Page['after'];
    for (;;) {
      const rows = await ask<StoredOutcome>(outcomePage({}, { limit: 37, after }));
      if (rows.length === 0) break;
      seen.push(...rows.map(({ auction_id, imp_id }) => `${auction_id}/${imp_id}`));
      const won = { winStatus: 'won' } as const;
      const page = { limit: 5, after };
      expect(await ask(scatteredPage(won, page))).toEqual(await ask(outcomePage(won, page)));
      const last = rows.at(-1)!;
      const { time } = ROWS.find(({ outcome }) => outcome.auctionId === last.auction_id)!;
      after = { timeMs: time, auctionId: last.auction_id, impId: last.imp_id };
    }
    const expected = ROWS.map(({ outcome, imp }) => `${outcome.auctionId}/${imp.impid}`);
    expect(seen).toEqual(expected.sort().reverse());
  });

  test('give hostile text back as it was', async () => {
    const [row] = await ask<StoredOutcome>(outcomePage({ userId: HOSTILE }, { limit: 1 }));
    expect(row!.user_id).toBe(HOSTILE);
  });

  test('never carry a value in the text', () => {
    const filters = { userId: HOSTILE, siteDomain: HOSTILE, seat: HOSTILE, campaign: HOSTILE };
    const { sql, params } = outcomePage(filters, { limit: 5 });
    expect(sql).not.toContain('OR 1=1');
    expect(Object.values(params).filter((value) => value === HOSTILE)).toHaveLength(4);
  });

  test('read few rows for a page of the newest', async () => {
    const { sql, params } = outcomePage({ sinceMs: TIME_MS }, { limit: 5 });
    const plan = await engines.warehouse.query(`EXPLAIN actions = 1 ${sql}`, params);
    expect(JSON.stringify(plan)).toMatch(/Read type: InReverseOrder/);
  });
});

describe('outcomeStats()', () => {
  test('counts, sums and averages what the filters let through', async () => {
    await fc.assert(
      fc.asyncProperty(someFilters, async (filters) => {
        const rows = ROWS.filter((row) => matches(filters, row));
        const won = rows.flatMap((row) =>
          row.imp.winner ? [{ ...row, winner: row.imp.winner }] : []
        );
        const sum = (values: number[]): number => values.reduce((a, b) => a + b, 0);
        const [stats] = await ask<StatsRow>(outcomeStats(filters));
        expect(stats).toMatchObject({
          auctions: new Set(rows.map(({ outcome }) => outcome.auctionId)).size,
          offered: rows.length,
          won: won.length,
          revenue_micros: sum(
            won.map(({ winner, outcome }) => outcome.test ? 0 : winner.priceMicros),
          ),
          price_sum: sum(won.map(({ winner }) => winner.priceMicros)),
          bid_sum: sum(won.map(({ winner }) => winner.bidMicros)),
          enriched_rows: rows.filter(({ outcome }) => outcome.enriched).length,
          answer_sum: sum(rows.map(({ outcome }) => outcome.tookMs)),
        });
        if (rows.length > 0) {
          expect(stats!.first_ms).toBe(Math.min(...rows.map(({ time }) => time)));
          expect(stats!.last_ms).toBe(Math.max(...rows.map(({ time }) => time)));
        }
      }),
      { numRuns: 40 },
    );
  });

  test('gives the quantiles of the answer times', async () => {
    const [stats] = await ask<StatsRow>(outcomeStats({}));
    const times = ROWS.map(({ outcome }) => outcome.tookMs).sort((a, b) => a - b);
    const [p50, p99] = stats!.answer_quantiles;
    expect(Math.abs(p50! - times[Math.floor(times.length / 2)]!)).toBeLessThanOrEqual(1);
    expect(Math.abs(p99! - times[Math.floor(times.length * 0.99)]!)).toBeLessThanOrEqual(1);
  });

  test('has one row of zeros where there is nothing', async () => {
    const [stats] = await ask<StatsRow>(outcomeStats({ userId: 'nobody' }));
    expect(stats).toMatchObject({
      auctions: 0,
      offered: 0,
      price_sum: 0,
      answer_quantiles: [null, null],
    });
  });
});

describe('dailyStats()', () => {
  test('splits the same sums by UTC day', async () => {
    const days = await ask<{ utc_day: string; offered: number; auctions: number }>(dailyStats({}));
    const expected = new Map<string, number>();
    for (const { time } of ROWS) {
      const day = new Date(time).toISOString().slice(0, 10);
      expected.set(day, (expected.get(day) ?? 0) + 1);
    }
    expect(days.map(({ utc_day, offered }) => [utc_day, offered])).toEqual([...expected]);
    expect(days.reduce((sum, { auctions }) => sum + auctions, 0)).toBe(OUTCOMES_STORED.length);
  });
});

describe('winnerSummary()', () => {
  test('counts wins by seat and campaign, most first', async () => {
    const rows = await ask<{ seat: string; campaign_id: string; won: number }>(winnerSummary({}));
    const count = (seat: string, cid: string): number =>
      ROWS.filter(({ imp }) => imp.winner?.seat === seat && imp.winner.cid === cid).length;
    expect(rows).toHaveLength(8);
    for (const { seat, campaign_id, won } of rows) expect(won).toBe(count(seat, campaign_id));
    expect(rows.map(({ won }) => won)).toEqual(rows.map(({ won }) => won).sort((a, b) => b - a));
  });
});

describe('newestOutcomes()', () => {
  test('names the auctions of the newest rows', async () => {
    const keys = (await ask<{ key: string }>(newestOutcomes(10))).map(({ key }) => key);
    const expected = ROWS.map(({ outcome }) => outcome.auctionId).sort().reverse().slice(0, 10);
    expect(keys).toEqual(expected);
  });
});
