import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { emptyCatalog } from '#shared/model/catalog.ts';
import { keptGroups, knownGroups } from '#shared/model/kept-bids.ts';
import { dailyAnswers, statsAnswer, winnerAnswer } from './answers.ts';
import { auctionAnswer, type KnownDetails } from './auction-answer.ts';
import { outcomeAnswer } from './outcome-fields.ts';
import { outcomeRows } from './outcome-rows.ts';
import type { StatsRow, StoredOutcome } from './queries.ts';
import { saltsAnswer } from './salts-answer.ts';
import { explanation, idOf, impOutcome, outcome, TIME_MS, WINNER } from './test-records.ts';

const DAY_MS = 86_400_000;
const rowsOf = (...args: Parameters<typeof outcome>): StoredOutcome[] =>
  outcomeRows(outcome(...args), 0, 0).map((row) => JSON.parse(row));
const lost = () => {
  const imp = impOutcome({ impid: '2' });
  delete imp.winner;
  return imp;
};

describe('outcomeAnswer()', () => {
  test('shows decimal prices without noise', () => {
    const winner = { ...WINNER, priceMicros: 1_109_999, bidMicros: 300_000 };
    const [row] = rowsOf(1, { imps: [impOutcome({ winner, floorMicros: 100_001 })] });
    const answer = outcomeAnswer(row!);
    expect([answer.price, answer.bid_price, answer.floor]).toEqual([1.109999, 0.3, 0.100001]);
    expect(answer.time).toBe('2025-12-17T19:33:20.001Z');
  });

  test('has null where there is nothing, not an empty text or a price of 0', () => {
    const [row] = rowsOf(1, { userId: '', country: '', imps: [lost()] });
    expect(outcomeAnswer(row!)).toMatchObject({
      win_status: 'no_bid',
      user_id: null,
      country: null,
      seat: null,
      group: null,
      campaign: null,
      creative: null,
      bid_price: null,
      price: null,
    });
  });
});

describe('statsAnswer()', () => {
  const row: StatsRow = {
    auctions: 2,
    offered: 3,
    won: 2,
    revenue_micros: 3_030_000,
    price_sum: 3_030_001,
    bid_sum: 4_200_000,
    enriched_rows: 1,
    answer_sum: 10,
    answer_quantiles: [3, 9],
    first_ms: TIME_MS,
    last_ms: TIME_MS + 5,
  };

  test('gives rates, averages and revenue in units of currency', () => {
    expect(statsAnswer(row, {})).toEqual({
      auctions: 2,
      impressions_offered: 3,
      won: 2,
      win_rate: 0.666667,
      revenue: 0.00303,
      currency: 'USD',
      average_price: 1.515001,
      average_bid: 2.1,
      enriched_share: 0.333333,
      average_answer_ms: 3.333,
      p50_answer_ms: 3,
      p99_answer_ms: 9,
      since: '2025-12-17T19:33:20.000Z',
      until: '2025-12-17T19:33:20.005Z',
    });
  });

  test('has null for what nothing can be divided by', () => {
    const zeros = Object.fromEntries(Object.keys(row).map((name) => [name, 0]));
    const none = { ...zeros, answer_quantiles: [null, null] } as unknown as StatsRow;
    expect(statsAnswer(none, { sinceMs: TIME_MS })).toMatchObject({
      auctions: 0,
      revenue: 0,
      win_rate: null,
      average_price: null,
      average_bid: null,
      enriched_share: null,
      average_answer_ms: null,
      p50_answer_ms: null,
      p99_answer_ms: null,
      since: '2025-12-17T19:33:20.000Z',
      until: null,
    });
    expect(
      winnerAnswer({
        seat: 's',
        campaign_id: 'c',
        won: 1,
        revenue_micros: 0,
        price_sum: 5,
        bid_sum: 6,
      }),
    )
      .toMatchObject({ won: 1, revenue: 0, average_price: 0.000005 });
  });
});

describe('dailyAnswers()', () => {
  const day = (utc_day: string) => ({
    utc_day,
    auctions: 1,
    offered: 2,
    won: 1,
    revenue_micros: 1_000_000,
    price_sum: 1_000_000,
    bid_sum: 2_000_000,
    enriched_rows: 1,
  });
  const days = (...args: Parameters<typeof dailyAnswers>) =>
    dailyAnswers(...args).map((answer) => `${answer.day} ${answer.impressions_offered}`);
  const now = Date.UTC(2025, 11, 20, 5);

  test('goes from the first day with traffic to today, with zeros between', () => {
    expect(days([day('2025-12-17'), day('2025-12-19')], {}, now)).toEqual([
      '2025-12-17 2',
      '2025-12-18 0',
      '2025-12-19 2',
      '2025-12-20 0',
    ]);
  });

  test('goes from since to the last moment before until', () => {
    const filters = { sinceMs: Date.UTC(2025, 11, 16, 23, 59), untilMs: Date.UTC(2025, 11, 18) };
    expect(days([day('2025-12-17')], filters, now)).toEqual(['2025-12-16 0', '2025-12-17 2']);
  });

  test('is empty without traffic and without a range', () => {
    expect(dailyAnswers([], {}, now)).toEqual([]);
    expect(dailyAnswers([], { sinceMs: now + 5 * DAY_MS }, now)).toEqual([]);
  });

  test('shows a day that has begun elsewhere only', () => {
    expect(days([day('2025-12-21')], {}, now)).toEqual(['2025-12-21 2']);
  });

  test('has null rates and zero revenue on a day without traffic', () => {
    expect(dailyAnswers([], { sinceMs: now }, now)).toEqual([{
      day: '2025-12-20',
      auctions: 0,
      impressions_offered: 0,
      won: 0,
      win_rate: null,
      revenue: 0,
      currency: 'USD',
      average_price: null,
      enriched_share: null,
    }]);
  });

  test('stays bounded when a row is older than the exchange', () => {
    expect(dailyAnswers([day('1970-01-01')], {}, now)).toHaveLength(3_660);
  });
});

describe('auctionAnswer()', () => {
  const catalog = emptyCatalog();
  const { groups, fates, ...rest } = explanation(1);
  const known: KnownDetails = {
    ...rest,
    fates,
    groups: knownGroups(keptGroups({ groups, fates }), fates),
  };

  test('gives the outcome as the pipeline had it, the ad included', () => {
    const record = outcome(1, { imps: [impOutcome(), lost()] });
    const rows = outcomeRows(record, 0, 0).map((row) => JSON.parse(row));
    const answer = auctionAnswer(
      { rows, details: known, away: false, events: [] },
      catalog,
      TIME_MS,
      1,
    );
    const { v: _v, traceparent: _t, issuedAt: _i, deadline: _d, ...core } = record;
    expect(answer.outcome).toEqual(core);
  });

  test('has no outcome where the ad is not kept, but still its rows', () => {
    const answer = auctionAnswer(
      { rows: rowsOf(1), details: undefined, away: false, events: [] },
      catalog,
      TIME_MS,
      1,
    );
    expect(answer).toMatchObject({ outcome: null, details: null, imps: [{ price: 1.51 }] });
    const unsold = auctionAnswer(
      { rows: rowsOf(1, { imps: [lost()] }), details: undefined, away: false, events: [] },
      catalog,
      TIME_MS,
      1,
    );
    expect(unsold.outcome).toMatchObject({ auctionId: idOf(1), imps: [{ impid: '2' }] });
  });

  test('says why it has no details', () => {
    const DAY_MS = 86_400_000;
    const reason = (now: number, detailSample = 1, away = false) =>
      auctionAnswer(
        { rows: rowsOf(1), details: undefined, away, events: [] },
        catalog,
        now,
        detailSample,
      ).details_absent;
    expect(reason(TIME_MS + 59_000)).toBe('awaited');
    expect(reason(TIME_MS + 120_000)).toBe('lost');
    expect(reason(TIME_MS + 120_000, 1, true)).toBe('unavailable');
    expect(reason(TIME_MS + 120_000, 0)).toBe('not_sampled');
    expect(reason(TIME_MS + 6.9 * DAY_MS)).toBe('lost');
    expect(reason(TIME_MS + 7.1 * DAY_MS)).toBe('expired');
    const rows = rowsOf(1);
    const whole = { rows, details: known, away: false, events: [] };
    expect(auctionAnswer(whole, catalog, TIME_MS, 1).details_absent).toBeNull();
  });

  test('has the imps in the order of the request', () => {
    const request = { id: 'r', imp: ['10', '9', '1'].map((id) => ({ id })) };
    const rows = rowsOf(1, { imps: ['1', '10', '9'].map((impid) => ({ ...lost(), impid })) });
    const answer = auctionAnswer(
      { rows, details: { ...known, request }, away: false, events: [] },
      catalog,
      0,
      1,
    );
    expect(answer.imps.map(({ imp_id }) => imp_id)).toEqual(['10', '9', '1']);
  });

  test('reveals the salt when its day is over, not before', () => {
    const catalog = emptyCatalog();
    catalog.salt.set('2025-12-17', { id: '2025-12-17', salt: 'cd'.repeat(32) });
    const saltAt = (now: number) =>
      auctionAnswer({ rows: rowsOf(1), details: known, away: false, events: [] }, catalog, now, 1)
        .details?.salt.salt;
    const midnight = Date.UTC(2025, 11, 18);
    expect(saltAt(TIME_MS)).toBeNull();
    expect(saltAt(midnight)).toBeNull();
    expect(saltAt(midnight + 60_000)).toBe('cd'.repeat(32));
  });
});

describe('saltsAnswer()', () => {
  test('shows the hash of every day and the salt of past ones, newest first', () => {
    const catalog = emptyCatalog();
    for (const id of ['2025-12-16', '2025-12-18', '2025-12-17']) {
      catalog.salt.set(id, { id, salt: `salt of ${id}` });
    }
    const answer = saltsAnswer(catalog, TIME_MS);
    expect(answer.map(({ day, salt }) => [day, salt])).toEqual([
      ['2025-12-18', null],
      ['2025-12-17', null],
      ['2025-12-16', 'salt of 2025-12-16'],
    ]);
    const hash = createHash('sha256').update('salt of 2025-12-18').digest('hex');
    expect(answer[0]!.commitment).toBe(hash);
  });
});
