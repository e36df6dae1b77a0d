import { afterEach, describe, expect, it } from 'vitest';
import { createEmbeddedBus } from '#shared/bus/embedded.ts';
import { createLog } from '#shared/log.ts';
import { createMetrics } from '#shared/metrics.ts';
import { applyChange, type Catalog, type ConfigChange } from '#shared/model/catalog.ts';
import type { BidRequestMessage, BidResponseMessage } from '#shared/model/events.ts';
import type { Profile } from '#shared/model/profile.ts';
import { createBidding } from './app.ts';
import { createRemoteProfileClient } from './profile-channel.ts';
import { createProfileLookup, type LookupResult, type ProfileLookup } from './profile-lookup.ts';
import {
  bidder,
  campaignWithBanner,
  message,
  NOW_MS,
  profile,
  request,
  sampleCatalog,
} from './test-samples.ts';

const SEATS = [
  bidder('atlas', 'house'),
  bidder('meridian', 'house'),
  bidder('larkspur', 'partners'),
  ...campaignWithBanner('trails', 'atlas', {
    baseCpmMicros: 2_000_000,
    targeting: { interests: ['outdoors'] },
  }),
  ...campaignWithBanner('cars', 'larkspur'),
];
const HIKER = profile({ userId: 'hiker', interests: [{ category: 'outdoors', score: 0.95 }] });
const BOTH = ['house', 'partners'];
const asked = (userId: string) => request({ user: { id: userId } });

const closings: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

const knowing = (...profiles: Profile[]): ProfileLookup => () =>
  Promise.resolve({ kind: 'found', profiles: new Map(profiles.map((one) => [one.userId, one])) });

/** The stage on a real bus, and what came of the requests it was sent. */
async function scene(options: { catalog?: Catalog; lookup?: ProfileLookup; group?: string } = {}) {
  const { catalog = sampleCatalog(...SEATS), lookup = knowing(HIKER), group } = options;
  const bus = await createEmbeddedBus({
    partitions: 2,
    onError: (error) => expect.unreachable(String(error)),
  });
  closings.push(() => bus.close());
  const watched = watch<{ partition: number; value: BidResponseMessage }>();
  await bus.read({ as: 'all', from: 'end' }, {
    bid_responses(batch) {
      for (const { partition, value } of batch) watched.add({ partition, value });
    },
  });
  const lines = watch<Record<string, unknown>>();
  const clock = { nowMs: NOW_MS, now: () => clock.nowMs };
  const metrics = createMetrics();
  const lookups: string[][] = [];
  const bidding = createBidding({
    bus,
    catalog: { current: catalog },
    lookup: (userIds, deadline) => {
      lookups.push([...userIds]);
      return lookup(userIds, deadline);
    },
    clock,
    log: createLog('info', (line) => lines.add(JSON.parse(line))),
    metrics,
    group,
  });
  closings.push(() => bidding.close());
  await bidding.start();
  const send = (...requests: Partial<BidRequestMessage>[]) =>
    bus.publish(
      'bid_requests',
      requests.map((part, index) => ({ partition: 1, value: message(`auction-${index}`, part) })),
    );
  const metric = async (line: string) =>
    Number(
      (await metrics.render()).text.split('\n').find((text) => text.startsWith(`${line} `))
        ?.slice(line.length) ?? 0,
    );
  const change = (next: ConfigChange) => applyChange(catalog, next);
  return { bidding, bus, clock, lines, lookups, metric, answers: watched, send, change };
}

/** Things as they come; `take` waits for so many that fit. */
function watch<T>() {
  const items: T[] = [];
  let look = () => {};
  return {
    items,
    add(item: T) {
      items.push(item);
      look();
    },
    take: (count: number, fits: (item: T) => boolean = () => true) =>
      new Promise<T[]>((resolve) => {
        look = () => {
          const fitting = items.filter(fits);
          if (fitting.length >= count) resolve(fitting);
        };
        look();
      }),
  };
}

/** An answer the test gives when it likes. */
function held() {
  const { promise, resolve } = Promise.withResolvers<LookupResult>();
  const found: LookupResult = { kind: 'found', profiles: new Map([['hiker', HIKER]]) };
  return { lookup: () => promise, release: () => resolve(found) };
}

describe('createBidding()', () => {
  it('answers with one message per group that holds all its seats', async () => {
    const { send, answers } = await scene();
    await send({ groups: BOTH });
    const [house, partners] = await answers.take(2);
    expect(house).toMatchObject({
      partition: 1,
      value: {
        v: 1,
        auctionId: 'auction-0',
        group: 'house',
        deadline: NOW_MS + 100,
        seats: [
          { seat: 'atlas', bids: [{ cid: 'trails', priceMicros: 700_000 }], noBids: [] },
          { seat: 'meridian', bids: [], noBids: [{ impid: '1', reason: 'no_campaign' }] },
        ],
      },
    });
    expect(partners).toMatchObject({
      partition: 1,
      value: { group: 'partners', seats: [{ seat: 'larkspur', bids: [{ cid: 'cars' }] }] },
    });
    expect(house!.value.traceparent).toBe(message('', {}).traceparent);
  });

  it('hosts only the group it is told to, and answers only where that one is expected', async () => {
    const { send, answers, metric } = await scene({ group: 'partners' });
    await send({ groups: ['house'] }, { groups: BOTH });
    await answers.take(1);
    expect(answers.items.map(({ value }) => [value.auctionId, value.group])).toEqual([
      ['auction-1', 'partners'],
    ]);
    expect(
      await metric('helios_bidding_dropped_total{group="partners",reason="not_expected"}'),
    ).toBe(1);
  });

  it('looks up the distinct users of a batch once for all groups', async () => {
    const { send, answers, lookups } = await scene();
    await send(
      { groups: BOTH, request: asked('hiker') },
      { groups: BOTH, request: asked('stranger') },
      { groups: BOTH, request: asked('hiker') },
    );
    const got = await answers.take(6);
    expect(lookups).toEqual([['hiker', 'stranger']]);
    const hiker = got.filter(({ value }) => value.auctionId !== 'auction-1');
    expect(hiker.map(({ value }) => value.enriched)).toEqual([true, true, true, true]);
    expect(hiker[0]!.value.profile).toEqual(HIKER);
    // 2.00 × 1.20
    expect(hiker[0]!.value.seats[0]!.bids[0]!.priceMicros).toBe(2_400_000);
    const stranger = got.find(({ value }) => value.auctionId === 'auction-1')!.value;
    expect(stranger).toMatchObject({ enriched: false, unenrichedReason: 'not_found' });
    expect(stranger).not.toHaveProperty('profile');
  });

  it('looks nobody up where the request forbids it or names nobody', async () => {
    const { send, answers, lookups } = await scene();
    await send({ request: { ...asked('hiker'), regs: { coppa: 1 } } }, {});
    const got = await answers.take(2);
    expect(got.map(({ value }) => [value.enriched, value.unenrichedReason])).toEqual([
      [false, 'no_consent'],
      [false, 'no_user'],
    ]);
    expect(lookups).toEqual([]);
  });

  it.each(['unavailable', 'timeout'] as const)(
    'bids without the profile when the profile service is down (%s)',
    async (reason) => {
      const { send, answers } = await scene({
        lookup: () => Promise.resolve({ kind: 'failed', reason }),
      });
      await send({ request: asked('hiker') });
      const [answer] = await answers.take(1);
      expect(answer!.value).toMatchObject({ enriched: false, unenrichedReason: reason });
      expect(answer!.value.seats[0]!.bids).toMatchObject([{ cid: 'trails', priceMicros: 700_000 }]);
    },
  );

  it('bids without the profile when nothing listens at the address of the profile service', async () => {
    const client = createRemoteProfileClient('127.0.0.1:1');
    closings.push(() => Promise.resolve(client.close()));
    const clock = { now: () => NOW_MS };
    const { send, answers } = await scene({
      lookup: createProfileLookup({ client, clock, metrics: createMetrics() }),
    });
    await send({ request: asked('hiker') });
    const [answer] = await answers.take(1);
    expect(answer!.value).toMatchObject({
      enriched: false,
      seats: [{ bids: [{ cid: 'trails' }] }, {}],
    });
    expect(answer!.value.unenrichedReason).toMatch(/^(unavailable|timeout)$/);
  });

  it('drops and counts what comes past its deadline', async () => {
    const { send, answers, metric } = await scene();
    await send({ deadline: NOW_MS }, { deadline: NOW_MS + 50 });
    await answers.take(1);
    expect(answers.items.map(({ value }) => value.auctionId)).toEqual(['auction-1']);
    expect(await metric('helios_bidding_dropped_total{group="house",reason="late"}')).toBe(1);
  });

  it('drops what passes its deadline during the look-up', async () => {
    const { lookup, release } = held();
    const { send, answers, clock, lookups, metric } = await scene({ lookup });
    await send({ request: asked('hiker') }, { request: asked('hiker'), deadline: NOW_MS + 900 });
    await expect.poll(() => lookups.length).toBe(1);
    clock.nowMs += 100;
    release();
    await answers.take(1);
    expect(answers.items.map(({ value }) => value.auctionId)).toEqual(['auction-1']);
    expect(await metric('helios_bidding_dropped_total{group="house",reason="late"}')).toBe(1);
  });

  it('bids without the profile where the time left is too short to wait for it', async () => {
    const { lookup, release } = held();
    const { send, answers } = await scene({ lookup });
    await send({ request: asked('hiker'), deadline: NOW_MS + 15 }, { request: asked('hiker') });
    const [hurried] = await answers.take(1);
    expect(hurried!.value).toMatchObject({ auctionId: 'auction-0', unenrichedReason: 'timeout' });
    release();
    const [, patient] = await answers.take(2);
    expect(patient!.value).toMatchObject({ auctionId: 'auction-1', enriched: true });
  });

  it('goes on with the next batch while a look-up is under way', async () => {
    const { lookup, release } = held();
    const { send, answers, lookups } = await scene({ lookup });
    await send({ request: asked('hiker') });
    await expect.poll(() => lookups.length).toBe(1);
    await send({});
    await answers.take(1);
    expect(answers.items[0]!.value.unenrichedReason).toBe('no_user');
    release();
    await answers.take(2);
  });

  it('bids by the configuration as it is now', async () => {
    const { send, answers, change } = await scene();
    await send({});
    await answers.take(1);
    for (const next of campaignWithBanner('yachts', 'meridian')) change(next);
    await send({});
    const [before, after] = await answers.take(2);
    expect(before!.value.seats[1]!.bids).toEqual([]);
    expect(after!.value.seats[1]!.bids).toMatchObject([{ cid: 'yachts' }]);
  });

  it('takes in groups that come and lets go of those that leave', async () => {
    const { send, answers, change, lines } = await scene();
    change(bidder('newcomer', 'visitors'));
    change(bidder('larkspur', 'partners', false));
    await lines.take(
      1,
      ({ event, group }) => event === 'bidding_group_left' && group === 'partners',
    );
    await send({ groups: ['house', 'partners', 'visitors'] });
    const got = await answers.take(2);
    expect(got.map(({ value }) => value.group)).toEqual(['house', 'visitors']);
  });

  it('answers `error` when a bug is met, and says so once a second', async () => {
    const broken = { ...HIKER, interests: undefined } as unknown as Profile;
    const { send, answers, lines, metric } = await scene({ lookup: knowing(broken) });
    await send({ request: asked('hiker') }, { request: asked('hiker') }, {});
    const got = await answers.take(3);
    const reasons = got.map(({ value }) => value.seats.map(({ noBids }) => noBids[0]?.reason));
    expect(reasons).toEqual([
      [undefined, 'no_campaign'],
      ['error', 'error'],
      ['error', 'error'],
    ]);
    expect(lines.items.filter(({ event }) => event === 'bidding_failed')).toMatchObject([
      { auction_id: 'auction-0', trace_id: '1'.repeat(32) },
    ]);
    expect(await metric('helios_bidding_failed_total')).toBe(2);
  });

  it('counts answers the bus does not take, and says so once a second', async () => {
    const { lookup, release } = held();
    const { send, bus, lookups, lines, metric } = await scene({ lookup });
    await send({ groups: BOTH, request: asked('hiker') });
    await expect.poll(() => lookups.length).toBe(1);
    await bus.close();
    release();
    await lines.take(1, ({ event }) => event === 'bids_not_published');
    await expect.poll(() => metric('helios_bidding_unpublished_total')).toBe(2);
    expect(lines.items.filter(({ event }) => event === 'bids_not_published')).toHaveLength(1);
  });

  it('counts bids by seat, no-bids by reason, and the time it took', async () => {
    const { send, answers, metric } = await scene();
    await send({ groups: BOTH }, { groups: BOTH });
    await answers.take(4);
    expect(await metric('helios_bids_total{group="house",seat="atlas"}')).toBe(2);
    expect(await metric('helios_bids_total{group="partners",seat="larkspur"}')).toBe(2);
    expect(await metric('helios_no_bids_total{group="house",reason="no_campaign"}')).toBe(2);
    expect(await metric('helios_stage_seconds_count{stage="bidding"}')).toBe(4);
  });

  it('is ready when configuration is loaded and a group is hosted', async () => {
    const empty = await scene({ catalog: sampleCatalog() });
    await expect(empty.bidding.ready()).rejects.toThrow('no configuration is loaded');
    const wrong = await scene({ group: 'nobody' });
    await expect(wrong.bidding.ready()).rejects.toThrow('no active bidder of the group nobody');
    const whole = await scene();
    await expect(whole.bidding.ready()).resolves.toBeUndefined();
  });

  it('finishes what was begun before it closes', async () => {
    const { lookup, release } = held();
    const { bidding, send, answers, lookups } = await scene({ lookup });
    await send({ request: asked('hiker') });
    await expect.poll(() => lookups.length).toBe(1);
    let closed = false;
    const closing = bidding.close().then(() => closed = true);
    for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(closed).toBe(false);
    release();
    await closing;
    await answers.take(1);
    expect(answers.items[0]!.value.enriched).toBe(true);
  });
});
