import { afterAll, beforeAll, expect, test } from 'vitest';
import { OUTCOMES } from '#shared/warehouse/tables.ts';
import { conditions } from './conditions.ts';
import type { OutcomeFilters } from './filters.ts';
import { outcomeRows } from './outcome-rows.ts';
import { dailyStats, MEASURES_SUMMED, outcomeStats, outcomeTotal } from './queries.ts';
import { answerTimes, measures } from './roll-ups.ts';
import { openEngines, type TestEngines } from './test-engines.ts';
import { idOf, impOutcome, outcome, TIME_MS, WINNER } from './test-records.ts';

const HOUR_MS = 3_600_000;
let engines: TestEngines;

/** Batches, one of which comes again by its token as after a kill; merged into one part, and one more. */
beforeAll(async () => {
  engines = await openEngines();
  await engines.resetTables();
  const batch = (from: number): string[] =>
    Array.from({ length: 200 }, (_, i) => rowsOf(from + i)).flat();
  for (const from of [0, 200, 200, 400, 200]) {
    await engines.warehouse.insert(OUTCOMES, batch(from), `auction_outcomes:${from}`);
  }
  await engines.warehouse.command(
    `OPTIMIZE TABLE ${OUTCOMES} FINAL SETTINGS optimize_throw_if_noop = 1`,
  );
  await engines.warehouse.insert(OUTCOMES, batch(600), 'auction_outcomes:600');
});
afterAll(() => engines.dispose());

function rowsOf(n: number): string[] {
  const imps = Array.from({ length: 1 + n % 3 }, (_, i) => {
    const winner = { ...WINNER, seat: ['acme', 'zest'][n % 2]!, priceMicros: n * 1_000 };
    const imp = impOutcome({ impid: `${i + 1}`, winner });
    if ((n + i) % 4 === 0) delete imp.winner;
    return imp;
  });
  const value = outcome(n, {
    auctionId: idOf(n, TIME_MS + n * 300_000),
    siteDomain: `site-${n % 7}.example`,
    enriched: n % 2 === 0,
    test: n % 10 === 0,
    tookMs: n % 50,
    imps,
  });
  // As if the log had been made again after 420 auctions.
  return outcomeRows(value, n % 4, Math.floor((n % 420) / 4));
}

const FILTERS: OutcomeFilters[] = [
  {},
  { winStatus: 'won', enriched: true },
  { seat: 'zest', campaign: WINNER.cid },
  { siteDomain: 'site-3.example', winStatus: 'no_bid' },
  { siteDomain: 'site-3.example', seat: 'acme' },
  { userId: 'user-1' },
  { minPriceMicros: 1_000 },
];
/** On the hour, within it, within one hour, and open at either end. */
const SPANS: OutcomeFilters[] = [
  {},
  { sinceMs: Math.ceil(TIME_MS / HOUR_MS) * HOUR_MS },
  { sinceMs: TIME_MS + 5 * HOUR_MS + 7, untilMs: TIME_MS + 49 * HOUR_MS + 7 },
  { sinceMs: TIME_MS + 5 * HOUR_MS, untilMs: TIME_MS + 5 * HOUR_MS + 600_000 },
  { untilMs: TIME_MS + 30 * HOUR_MS + 1 },
];
const CASES = FILTERS.flatMap((filters) => SPANS.map((span) => ({ ...filters, ...span })));

test.each(CASES)('sums out of projections are those of the rows: %j', async (filters) => {
  const { warehouse } = engines;
  const plain = { optimize_use_projections: 0 };
  const off = Object.entries(plain).map(([name, value]) => `${name} = ${value}`).join(', ');
  for (
    const { sql, params } of [outcomeStats(filters), dailyStats(filters), outcomeTotal(filters)]
  ) {
    const kept = await warehouse.query(sql, params);
    expect(kept).toEqual(await warehouse.query(`${sql}\nSETTINGS ${off}`, params));
  }
  const rows = conditions(filters).query(
    `SELECT count() AS offered, uniqExact(auction_id) AS auctions, countIf(win_status = 'won') AS won,
      sumIf(price_micros, NOT test) AS revenue_micros, countIf(enriched) AS enriched_rows
     FROM ${OUTCOMES} FINAL`,
  );
  const [expected] = await warehouse.query<object>(rows.sql, rows.params);
  const summed = measures(filters);
  const [found] = await warehouse.query(
    `SELECT ${MEASURES_SUMMED} FROM (${summed.sql})`,
    summed.params,
  );
  expect(found).toMatchObject(expected!);
});

test.each([
  ['by_winner', measures({})],
  ['by_winner', measures({ seat: 'acme', winStatus: 'won' })],
  ['by_site', measures({ siteDomain: 'site-1.example' })],
  ['by_hour_and_answer', answerTimes({})],
])('the projection %s is found', async (name, { sql, params }) => {
  const plan = await engines.warehouse.query(`EXPLAIN projections = 1 ${sql}`, params);
  expect(JSON.stringify(plan)).toMatch(new RegExp(`\\b${name}\\b`));
});
