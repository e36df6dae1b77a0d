import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { DETAIL_COLUMNS } from '#shared/model/detail-row.ts';
import type { LiveAuction, LiveSecond } from '#shared/model/live.ts';
import { AUCTION_DETAILS, OUTCOMES } from '#shared/warehouse/tables.ts';
import { knownSteps, livePast } from './live-sources.ts';
import { SECONDS } from './live/live-feed.ts';
import { outcomeRows } from './outcome-rows.ts';
import { openEngines, type TestEngines } from './test-engines.ts';
import { details, idOf, impOutcome, outcome, recentId, TIME_MS, WINNER } from './test-records.ts';
import type { RecentAuction } from './writer.ts';

const NOTHING: RecentAuction = { outcomes: [], details: undefined, events: [] };
const NOW_MS = TIME_MS + 60_000;

let engines: TestEngines;
beforeAll(async () => {
  engines = await openEngines();
});
afterAll(() => engines.dispose());
beforeEach(() => engines.resetTables());

test('the past is what the feed would have told', async () => {
  const { winner: _, ...lost } = impOutcome();
  const dear = impOutcome({
    impid: '2',
    winner: { ...WINNER, seat: 'dear', priceMicros: 9_000_000 },
  });
  await insert(
    outcome(1, { imps: [impOutcome(), lost], closedBy: 'deadline' }),
    outcome(2, { imps: [lost, dear, impOutcome({ impid: '3' })], tookMs: 8, enriched: false }),
    outcome(3, { auctionId: idOf(3, TIME_MS + 1_000), test: true }),
    outcome(4, { auctionId: idOf(4, NOW_MS - (SECONDS + 60) * 1000) }),
    outcome(5, { auctionId: idOf(5, NOW_MS) }),
  );
  const { seconds, sites, times, rows } = await livePast(engines.warehouse, NOW_MS);
  expect(seconds.toSorted((a, b) => a.at - b.at)).toEqual(
    [
      {
        at: TIME_MS / 1000,
        auctions: 2,
        imps: 5,
        won: 3,
        late: 1,
        enriched: 1,
        revenueMicros: 12_020_000,
        priceMicros: 12_020_000,
        bidMicros: 3 * WINNER.bidMicros,
        p50Ms: 8,
        p99Ms: 8,
      },
      {
        at: TIME_MS / 1000 + 1,
        auctions: 1,
        imps: 1,
        won: 1,
        late: 0,
        enriched: 1,
        revenueMicros: 0,
        priceMicros: WINNER.priceMicros,
        bidMicros: WINNER.bidMicros,
        p50Ms: 4,
        p99Ms: 4,
      },
    ] satisfies LiveSecond[],
  );
  expect(sites).toContainEqual({
    at: TIME_MS / 1000,
    top: { name: 'news.example.com', won: 3, offered: 5, revenueMicros: 12_020_000 },
  });
  expect(times.toSorted((a, b) => a.at - b.at || a.ms - b.ms)).toEqual([
    { at: TIME_MS / 1000, ms: 4, auctions: 1 },
    { at: TIME_MS / 1000, ms: 8, auctions: 1 },
    { at: TIME_MS / 1000 + 1, ms: 4, auctions: 1 },
  ]);
  expect(rows).toHaveLength(3);
  expect(rows[1]).toEqual(
    {
      id: idOf(2),
      at: TIME_MS + 2 + 8,
      publisherId: 'demo',
      siteDomain: 'news.example.com',
      userId: 'user-2',
      country: 'DEU',
      mediaType: 'banner',
      imps: 3,
      wonImps: 2,
      bids: 6,
      floorMicros: 200_000,
      seat: 'dear',
      campaignId: WINNER.cid,
      bidMicros: WINNER.bidMicros,
      priceMicros: 9_000_000,
      currency: 'USD',
      enriched: false,
      late: false,
      test: false,
      tookMs: 8,
    } satisfies LiveAuction,
  );
  expect(rows[0]).toMatchObject({ id: idOf(3, TIME_MS + 1_000), test: true });
  expect(rows[2]).toMatchObject({ id: idOf(1), late: true, enriched: true, seat: WINNER.seat });
});

test('an empty warehouse has no past', async () => {
  expect(await livePast(engines.warehouse, NOW_MS)).toEqual({
    seconds: [],
    sites: [],
    times: [],
    rows: [],
  });
});

test('how far an auction is: unknown, waiting, stored', async () => {
  const auctionId = recentId(1);
  const at = Math.floor(Date.now() / 86_400_000) * 86_400_000 + 1;
  const steps = (find: RecentAuction, waiting: boolean) =>
    knownSteps(auctionId, { find: () => find, isWaiting: () => waiting }, engines.warehouse);
  expect(await steps(NOTHING, false)).toBeUndefined();

  const texts = outcomeRows(outcome(1, { auctionId }), 0, 17).map(String);
  const inMemory = { ...NOTHING, outcomes: texts };
  const place = { partition: 0, offset: 17 };
  expect(await steps(inMemory, true)).toEqual(
    { closedAt: at + 4, explained: false, stored: false, place },
  );
  expect(await steps(inMemory, false)).toMatchObject({ stored: true, place });

  await insert(outcome(1, { auctionId }));
  await engines.warehouse.insert(
    AUCTION_DETAILS,
    [details(1, { auctionId }).row.join('')],
    'd',
    DETAIL_COLUMNS,
  );
  expect(await steps(NOTHING, false)).toEqual({ closedAt: at + 4, explained: true, stored: true });
});

async function insert(...outcomes: ReturnType<typeof outcome>[]): Promise<void> {
  const rows = outcomes.flatMap((one, offset) => outcomeRows(one, 0, offset));
  await engines.warehouse.insert(OUTCOMES, rows, `test:${outcomes[0]!.auctionId}`);
}
