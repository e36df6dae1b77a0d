import { describe, expect, it } from 'vitest';
import { BiddingGroup, type ResponseRecord } from './bidding-group.ts';
import { indexCampaigns } from './campaign-index.ts';
import {
  bidder,
  campaignWithBanner,
  DAY_MS,
  message,
  NOW_MS,
  profile,
  request,
  sampleCatalog,
} from './test-samples.ts';

const TRAVELLER = profile({
  interests: [{ category: 'travel', score: 0.7 }],
  history: [{ category: 'travel', domain: 'maps.example', atMs: NOW_MS }],
});

/** The group `house` with one campaign, 2 CPM for travellers; `ticks` counts up by one per look. */
function scene() {
  const targeting = { interests: ['travel'] };
  const index = indexCampaigns(sampleCatalog(
    bidder('atlas'),
    ...campaignWithBanner('rail', 'atlas', { baseCpmMicros: 2_000_000, targeting }),
  ));
  const published: ResponseRecord[][] = [];
  const tooks: number[] = [];
  let ticks = 0;
  const group = new BiddingGroup({
    group: 'house',
    index: () => index,
    lookup: () =>
      Promise.resolve(new Map([['user-001', { profile: TRAVELLER, reason: undefined }]])),
    clock: { now: () => NOW_MS },
    ticks: () => ticks++,
    publish: (answers) => void published.push(answers),
    tally: {
      answered: (_, tookMs) => void tooks.push(tookMs),
      dropped: (reason) => expect.unreachable(reason),
      failed: (error) => expect.unreachable(String(error)),
    },
  });
  return { group, published, tooks };
}
const asked = request({ user: { id: 'user-001' } });
const record = (partition: number, value: Parameters<typeof message>[1]) => (
  { partition, value: message('auction', value) }
);

describe('BiddingGroup.take()', () => {
  it('publishes what waited for one look-up together, each on its partition', async () => {
    const { group, published } = scene();
    await group.take([record(3, { request: asked }), record(1, { request: asked })]);
    expect(published.map((batch) => batch.map(({ partition }) => partition))).toEqual([[3, 1]]);
  });

  it('answers at once, in the same turn, what needs no look-up', () => {
    const { group, published } = scene();
    expect(group.take([record(0, {}), record(1, {})])).toBeUndefined();
    expect(published.map((batch) => batch.length)).toEqual([2]);
  });

  it('answers at once what has no time for a look-up, and lets the others have theirs', async () => {
    const { group, published } = scene();
    const cameAt = { request: asked, receivedAt: NOW_MS - 5 };
    const rest = group.take([
      record(0, { ...cameAt, deadline: NOW_MS + 5 }),
      record(1, { ...cameAt, deadline: NOW_MS + 35 }),
    ]);
    expect(published.flat().map(({ value }) => value.unenrichedReason)).toEqual(['timeout']);
    await rest;
    expect(published.flat().map(({ value }) => value.enriched)).toEqual([false, true]);
  });

  it('counts the ages of visits to the time the gateway read the request', async () => {
    const { group, published } = scene();
    const later = { request: asked, receivedAt: NOW_MS + 15 * DAY_MS };
    await group.take([record(0, { request: asked }), record(0, later)]);
    const prices = published[0]!.map(({ value }) => value.seats[0]!.bids[0]!.priceMicros);
    // 2.00 × 0.85 × (0.9 + 0.175 × 1 + 0.175 × 0.2) = 1.887, and with half the recency 1.7374
    expect(prices).toEqual([1_887_000, 1_737_000]);
  });

  it('tells how long each answer took since its batch arrived, and of that the look-up', async () => {
    const { group, published, tooks } = scene();
    await group.take([record(0, {}), record(0, { request: asked })]);
    expect(published.map(([answer]) => answer!.value.tookMs)).toEqual([1, 3]);
    expect(published.map(([answer]) => answer!.value.lookupMs)).toEqual([undefined, 2]);
    expect(tooks).toEqual([1, 3]);
  });
});
