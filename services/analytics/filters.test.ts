import { describe, expect, test } from 'vitest';
import { ID_LENGTH_MAX } from '#shared/model/openrtb-checks.ts';
import { readCursor, writeCursor } from './cursor.ts';
import { parseFilters, parseFiltersAndPage, parseNothing } from './filters.ts';
import type { Sort } from './sorting.ts';
import { idOf, TIME_MS } from './test-records.ts';

const filtersOf = (query: string) => parseFilters(new URLSearchParams(query));
const pageOf = (query: string) => parseFiltersAndPage(new URLSearchParams(query));

describe('parseFilters()', () => {
  test('reads every filter', () => {
    const query =
      'request_id=r&user_id=u&site_domain=a.example&win_status=won&enriched=false&min_price=0.5' +
      '&max_price=1.25&since=2025-12-17T00:00:00Z&until=1766000000000&seat=s&campaign=c&publisher_id=p';
    expect(filtersOf(query)).toEqual({
      ok: true,
      value: {
        requestId: 'r',
        userId: 'u',
        siteDomain: 'a.example',
        winStatus: 'won',
        enriched: false,
        minPriceMicros: 500_000,
        maxPriceMicros: 1_250_000,
        sinceMs: Date.UTC(2025, 11, 17),
        untilMs: 1_766_000_000_000,
        seat: 's',
        campaign: 'c',
        publisherId: 'p',
      },
    });
  });

  test('takes ids as long as those of a request may be', () => {
    const userId = 'x'.repeat(ID_LENGTH_MAX);
    expect(filtersOf(`user_id=${userId}`)).toMatchObject({ ok: true, value: { userId } });
  });

  const times: [text: string, ms: number][] = [
    ['0', 0],
    ['2025-12-17', Date.UTC(2025, 11, 17)],
    ['2100-01-01', Date.UTC(2100, 0)],
    ['2024-02-29', Date.UTC(2024, 1, 29)],
    ['2025-12-31T24:00', Date.UTC(2026, 0, 1)],
    ['2025-12-17T19:33', Date.UTC(2025, 11, 17, 19, 33)],
    ['2025-12-17T19:33:20', TIME_MS],
    ['2025-12-17T19:33:20.000Z', TIME_MS],
    ['2025-12-17T20:33:20%2B01:00', TIME_MS],
    ['2025-12-17T20:33:20+01:00', TIME_MS],
  ];
  for (const [text, ms] of times) {
    test(`takes the time ${text}, in UTC where it names no zone`, () => {
      expect(filtersOf(`since=${text}`)).toMatchObject({ ok: true, value: { sinceMs: ms } });
    });
  }

  const refused: [query: string, field: string, value: string][] = [
    ['nonsense=1', 'nonsense', '1'],
    ['limit=5', 'limit', '5'],
    ['user_id=', 'user_id', ''],
    ['request_id=', 'request_id', ''],
    [`user_id=${'x'.repeat(1_025)}`, 'user_id', 'x'.repeat(1_025)],
    ['user_id=a&user_id=b', 'user_id', 'a'],
    ['win_status=lost', 'win_status', 'lost'],
    ['enriched=1', 'enriched', '1'],
    ['min_price=-1', 'min_price', '-1'],
    ['min_price=1e3', 'min_price', '1e3'],
    ['min_price=NaN', 'min_price', 'NaN'],
    ['min_price=1.2345678', 'min_price', '1.2345678'],
    ['max_price=1000001', 'max_price', '1000001'],
    ['min_price=2&max_price=1', 'max_price', '1'],
    ['since=yesterday', 'since', 'yesterday'],
    ['since=2025-13-01', 'since', '2025-13-01'],
    ['since=2025-02-29', 'since', '2025-02-29'],
    ['since=2025-06-31T10:00Z', 'since', '2025-06-31T10:00Z'],
    ['since=2025-12-17T25:00Z', 'since', '2025-12-17T25:00Z'],
    ['since=-5', 'since', '-5'],
    ['since=99999999999999', 'since', '99999999999999'],
    ['until=2100-01-01T00:00:01', 'until', '2100-01-01T00:00:01'],
    ['since=1766000000000&until=1766000000000', 'until', '1766000000000'],
    ['since=1766000000', 'since', '1766000000'],
    ['until=20251217', 'until', '20251217'],
    ['until=2025', 'until', '2025'],
  ];
  for (const [query, field, value] of refused) {
    test(`refuses ${query.slice(0, 40)}`, () => {
      const parsed = filtersOf(query);
      expect(parsed).toMatchObject({ ok: false, problem: { field, value } });
      expect(!parsed.ok && parsed.problem.allowed.length).toBeGreaterThan(3);
    });
  }
});

describe('parseFiltersAndPage()', () => {
  test('has 50 rows without a limit and up to 500 with one', () => {
    expect(pageOf('')).toMatchObject({ ok: true, value: { page: { limit: 50 } } });
    expect(pageOf('limit=500')).toMatchObject({ ok: true, value: { page: { limit: 500 } } });
    for (const limit of ['0', '501', '1.5', '-1', 'ten', '']) {
      expect(pageOf(`limit=${limit}`)).toMatchObject({ ok: false, problem: { field: 'limit' } });
    }
  });

  test('goes on behind the row its cursor names', () => {
    for (const impId of ['imp/1 é', '枠'.repeat(ID_LENGTH_MAX)]) {
      const after = { timeMs: TIME_MS + 4, auctionId: idOf(4), impId };
      const cursor = writeCursor(after.auctionId, after.impId);
      expect(pageOf(`cursor=${cursor}`)).toMatchObject({ ok: true, value: { page: { after } } });
    }
  });

  test('refuses a cursor that is none', () => {
    for (const cursor of ['x', '%27%3B--', writeCursor('not-an-id', '1'), 'a'.repeat(5_000)]) {
      expect(pageOf(`cursor=${cursor}`)).toMatchObject({ ok: false, problem: { field: 'cursor' } });
    }
    expect(readCursor('')).toBeUndefined();
  });

  test('refuses a cursor with a value its column cannot have', () => {
    const sorted = (sort: Sort, value: number) =>
      readCursor(writeCursor(idOf(4), '1', { sort, order: 'asc' }, value), { sort, order: 'asc' });
    for (const value of [-1, 1.5, 1e300]) expect(sorted('price', value)).toBeUndefined();
    expect(sorted('answer_ms', 1e300)).toBeUndefined();
    for (const value of [0, 1.537, 1e-7]) {
      expect(sorted('answer_ms', value)).toMatchObject({ value });
    }
  });
});

describe('parseNothing()', () => {
  test('allows no parameter at all', () => {
    expect(parseNothing(new URLSearchParams(''))).toMatchObject({ ok: true });
    expect(parseNothing(new URLSearchParams('a=1')))
      .toMatchObject({ ok: false, problem: { field: 'a', allowed: 'no parameter' } });
  });
});
