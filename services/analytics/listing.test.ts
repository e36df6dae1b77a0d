import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { OUTCOMES } from '#shared/warehouse/tables.ts';
import type { Query } from './conditions.ts';
import { auctionKeyset, type Keyset } from './cursor.ts';
import type { OutcomeFilters } from './filters.ts';
import { listOutcomes, sortValue } from './listing.ts';
import { outcomeAnswer } from './outcome-fields.ts';
import { outcomeRows } from './outcome-rows.ts';
import type { StoredOutcome } from './queries.ts';
import { ORDERS, SORT_COLUMNS, SORTS } from './sorting.ts';
import { openEngines, type TestEngines } from './test-engines.ts';
import { idOf, impOutcome, outcome, TIME_MS, WINNER } from './test-records.ts';

let engines: TestEngines;
let all: StoredOutcome[];
const ask = <Row>({ sql, params }: Query): Promise<Row[]> =>
  engines.warehouse.query<Row>(sql, params);

/** 150 rows over two hours; few prices and answer times, so that most rows share theirs. */
beforeAll(async () => {
  engines = await openEngines();
  await engines.resetTables();
  const rows = Array.from({ length: 75 }, (_, n) => {
    const imps = [1, 2].map((i) => {
      const priceMicros = (n % 5) * 500_000;
      const imp = impOutcome({
        impid: `${i}`,
        floorMicros: (n % 3) * 100_000,
        bids: n % 4,
        winner: { ...WINNER, priceMicros, bidMicros: priceMicros + n * 1_000 },
      });
      if ((n + i) % 4 === 0) delete imp.winner;
      return imp;
    });
    const auctionId = idOf(n, TIME_MS + Math.floor(n / 2) * 200_000);
    const siteDomain = `site-${n % 3}.example`;
    return outcomeRows(outcome(n, { auctionId, siteDomain, tookMs: (n % 6) / 7, imps }), 0, n);
  }).flat();
  await engines.warehouse.insert(OUTCOMES, rows, 'listing');
  all = await listOutcomes(ask, {}, { limit: 500 }, TIME_MS);
});
afterAll(() => engines.dispose());

const keyOf = (row: StoredOutcome): string => `${row.auction_id}/${row.imp_id}`;

test('pages of every size lead through every row once, in any order', async () => {
  expect(all).toHaveLength(150);
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...SORTS),
      fc.constantFrom(...ORDERS),
      fc.integer({ min: 2, max: 80 }),
      fc.constantFrom<OutcomeFilters>(
        {},
        { winStatus: 'won' },
        { winStatus: 'no_bid', enriched: true },
        { userId: 'user-3' },
        { userId: 'user-4', winStatus: 'won' },
        { userId: 'user-5', seat: WINNER.seat },
        { siteDomain: 'site-1.example', winStatus: 'won' },
        { siteDomain: 'site-2.example', publisherId: 'demo' },
        { requestId: 'req-7' },
        { requestId: 'req-8', userId: 'user-8', winStatus: 'won' },
      ),
      async (sort, order, limit, filters) => {
        const lets = (row: StoredOutcome): boolean =>
          (filters.requestId ?? row.request_id) === row.request_id &&
          (filters.userId ?? row.user_id) === row.user_id &&
          (filters.siteDomain ?? row.site_domain) === row.site_domain &&
          (filters.seat ?? row.seat) === row.seat &&
          (filters.winStatus ?? row.win_status) === row.win_status;
        const sorting = { sort, order };
        const sign = order === 'asc' ? 1 : -1;
        const expected = all.filter(lets).toSorted((a, b) =>
          sign * ((sortValue(a, sorting) ?? 0) - (sortValue(b, sorting) ?? 0) ||
            (keyOf(a) < keyOf(b) ? -1 : 1))
        );
        const seen: StoredOutcome[] = [];
        let after: Keyset | undefined;
        for (;;) {
          const page = { limit, sorting, after };
          const rows = await listOutcomes(ask, filters, page, TIME_MS + 7_300_000);
          seen.push(...rows);
          if (rows.length < limit) break;
          const last = rows.at(-1)!;
          const value = sortValue(last, sorting);
          after = {
            ...auctionKeyset(last.auction_id, last.imp_id),
            ...(value !== undefined && { value }),
          };
        }
        expect(seen.map(keyOf)).toEqual(expected.map(keyOf));
      },
    ),
    { numRuns: 40 },
  );
});

test('only the fields asked for are read, and pages still lead on', async () => {
  for (const sort of SORTS) {
    const page = { limit: 4, sorting: { sort, order: 'desc' }, fields: ['seat', 'price'] } as const;
    const whole = await listOutcomes(ask, {}, { limit: 4, sorting: page.sorting }, TIME_MS);
    const rows = await listOutcomes(ask, {}, page, TIME_MS);
    const needed = ['auction_id', 'imp_id', 'price_micros', 'seat', 'win_status'];
    const column = SORT_COLUMNS[sort];
    expect(Object.keys(rows[0]!).sort()).toEqual([
      ...new Set(column ? [...needed, column] : needed),
    ].sort());
    expect(rows.map((row) => outcomeAnswer(row, page.fields)))
      .toEqual(whole.map((row) => outcomeAnswer(row, page.fields)));
    expect(rows.map((row) => sortValue(row, page.sorting)))
      .toEqual(whole.map((row) => sortValue(row, page.sorting)));
  }
});

test('a page by value of filters that let nothing through is empty', async () => {
  const page = { limit: 5, sorting: { sort: 'price', order: 'desc' } } as const;
  expect(await listOutcomes(ask, { userId: 'nobody' }, page, TIME_MS)).toEqual([]);
});
