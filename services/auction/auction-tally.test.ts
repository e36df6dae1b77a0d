import { expect, test } from 'vitest';
import { createMetrics } from '#shared/metrics.ts';
import { createAuctionTally } from './auction-tally.ts';
import type { ClosedAuction } from './open-auctions.ts';
import type { AuctionResult } from './run-auction.ts';

const closed = (answered: string[], test = 0) =>
  ({
    message: { groups: ['house', 'partners'], request: { test } },
    answers: answered.map((group) => ({ group })),
  }) as unknown as ClosedAuction;
const won = (seat: string, priceMicros: number) =>
  ({ imps: [{ winner: { seat, priceMicros } }, {}] }) as unknown as AuctionResult;

async function tallied(work: (tally: ReturnType<typeof createAuctionTally>) => void) {
  const metrics = createMetrics();
  work(createAuctionTally(metrics));
  return (await metrics.render()).text;
}

test('createAuctionTally() counts wins and what one impression of each costs', async () => {
  const text = await tallied((tally) => {
    tally.closed(closed(['house', 'partners']), won('atlas', 1_234_000));
    tally.closed(closed(['house', 'partners']), won('atlas', 2_000_000));
    tally.closed(closed(['house', 'partners'], 1), won('atlas', 9_000_000));
  });
  expect(text).toContain('helios_wins_total{seat="atlas"} 2');
  expect(text).toContain('helios_cleared_micros_total{seat="atlas",currency="USD"} 3234');
  expect(text).toContain('helios_sold_micros_total 3234');
});

test('createAuctionTally() tells what was sold before anything is', async () => {
  expect(await tallied(() => {})).toContain('helios_sold_micros_total 0');
});

test('createAuctionTally() tells who answered in time, who did not, and who was late', async () => {
  const text = await tallied((tally) => {
    tally.closed(closed(['house', 'partners']), won('atlas', 1_000));
    tally.closed(closed(['house']), won('atlas', 1_000));
    tally.late('partners');
    tally.late('somebody else');
  });
  expect(text).toContain('helios_group_answers_total{group="house",answer="in_time"} 2');
  expect(text).toContain('helios_group_answers_total{group="house",answer="missing"} 0');
  expect(text).toContain('helios_group_answers_total{group="partners",answer="missing"} 1');
  expect(text).toContain('helios_late_answers_total{group="partners"} 1');
  expect(text).toContain('helios_late_answers_total{group="unknown"} 1');
});
