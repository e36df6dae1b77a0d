/** The feed on a real bus, its clock and ticks by hand. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Bus } from '#shared/bus/bus.ts';
import { createEmbeddedBus } from '#shared/bus/embedded.ts';
import { createMetrics } from '#shared/metrics.ts';
import type { AuctionDetails } from '#shared/model/events.ts';
import type { LiveSecond } from '#shared/model/live.ts';
import type { LivePulse } from '#shared/model/live-pulse.ts';
import { Live, type LiveDependencies } from './live.ts';
import type { LivePast } from './live/live-feed.ts';
import { noSums } from './live/pulse.ts';
import { closed, explained, NOW_S, TestSocket } from './live/test-outcomes.ts';

let bus: Bus;
let now: number;
const lives: Live[] = [];
const failures: unknown[] = [];
beforeEach(async () => {
  now = NOW_S * 1000;
  bus = await createEmbeddedBus({ partitions: 2, onError: (error) => failures.push(error) });
});
afterEach(async () => {
  for (const live of lives.splice(0)) await live.close();
  await bus.close();
  expect(failures.splice(0)).toEqual([]);
});

test('an outcome is seen in the totals and among the auctions, by viewers of every instance', async () => {
  const [first, second] = [await start(), await start()];
  const viewers = [view(first), view(second)];
  await publish(0, 1);
  await publish(1, 2);
  await publishDetails(1);
  await tick(100);
  for (const viewer of viewers) {
    const rows = viewer.of('auctions').flatMap(({ data }) =>
      (data as { rows: { id: string }[] }).rows
    );
    expect(rows.map(({ id }) => id).sort()).toEqual(
      [closed(1).auctionId, closed(2).auctionId].sort(),
    );
  }
  await tick(1_300);
  for (const viewer of viewers) {
    const [, update] = viewer.of('totals');
    expect(update).toMatchObject({
      kind: 'update',
      data: { second: { at: NOW_S, auctions: 2, won: 2 }, seats: [{ name: 'acme', won: 2 }] },
    });
  }
});

test('an idle tick tells the others nothing', async () => {
  const pulses: LivePulse[] = [];
  await bus.read({ as: 'all', from: 'end' }, {
    live(batch) {
      for (const { value } of batch) pulses.push(value);
    },
  });
  await start();
  for (let n = 0; n < 30; n++) await tick(100);
  expect(pulses).toEqual([]);
  await publish(0, 1);
  await tick(100);
  await tick(100);
  expect(pulses).toHaveLength(1);
});

test('a pulse never spans two seconds', async () => {
  const viewer = view(await start());
  now += 950;
  await publish(0, 1);
  now += 100;
  await publish(0, 2);
  await settle();
  await tick(50);
  await tick(1_500);
  const seconds = viewer.of('totals').slice(1)
    .map(({ data }) => (data as { second: { at: number; auctions: number } }).second);
  expect(seconds.slice(0, 2)).toMatchObject([
    { at: NOW_S, auctions: 1 },
    { at: NOW_S + 1, auctions: 1 },
  ]);
});

test('what a former life left unread is not counted as new', async () => {
  now = NOW_S * 1000 + 1_000;
  const viewer = view(await start());
  await publish(0, 1);
  await tick(2_000);
  expect(viewer.of('auctions')).toHaveLength(1);
});

test('the snapshot of both topics comes as one JSON text', async () => {
  const live = await start();
  await publish(0, 1);
  await tick(100);
  await tick(1_300);
  const snapshot = JSON.parse(live.snapshot());
  expect(snapshot).toMatchObject({
    epoch: expect.any(String),
    totals: { seq: 1, data: { currency: 'USD', seconds: [{ at: NOW_S, auctions: 1 }] } },
    auctions: { seq: 1, data: { rows: [{ id: closed(1).auctionId }], passed: 0 } },
  });
  const viewer = view(live);
  expect(viewer.of('totals')[0]).toMatchObject({ ...snapshot.totals, epoch: snapshot.epoch });
});

test('the past is in the snapshot, and a warehouse that is away only reported', async () => {
  const errors: unknown[] = [];
  const second = { at: NOW_S - 1, ...noSums(), auctions: 5, p50Ms: 1, p99Ms: 2 };
  const live = await start({
    past: async () => ({ seconds: [second], sites: [], times: [], rows: [] }),
  });
  const without = await start({
    past: () => Promise.reject(new Error('away')),
    onError: (error) => errors.push(error),
  });
  await settle();
  const secondsOf = (one: Live) => JSON.parse(one.snapshot()).totals.data.seconds as unknown[];
  expect(secondsOf(live).at(-1)).toEqual(second);
  expect(secondsOf(without)).toEqual([]);
  expect(errors).toEqual([new Error('away')]);
});

test('viewers that came before the past get it, too, and so does who comes back', async () => {
  const { promise: past, resolve } = Promise.withResolvers<LivePast>();
  const live = await start({ past: () => past });
  const early = view(live);
  const { epoch, totals } = JSON.parse(live.snapshot());
  const second = { at: NOW_S - 1, ...noSums(), auctions: 5, p50Ms: 1, p99Ms: 2 };
  resolve({ seconds: [second], sites: [], times: [], rows: [] });
  await settle();
  const back = connect(live, { op: 'subscribe', topic: 'totals', epoch, after: totals.seq });
  for (const viewer of [early, back]) {
    expect(viewer.of('totals').at(-1)).toMatchObject({ epoch, kind: 'snapshot' });
    const { seconds } = viewer.of('totals').at(-1)!.data as { seconds: unknown[] };
    expect(seconds.at(-1)).toEqual(second);
  }
  await tick(1_300);
  for (const viewer of [early, back]) {
    const [snapshot, update] = viewer.of('totals').slice(-2);
    expect(update).toMatchObject({ kind: 'update', seq: snapshot!.seq + 1 });
  }
});

test('what was stored after its start only is in the past a little later', async () => {
  let auctions = 0;
  const live = await start({
    past: async () => ({
      seconds: [{ at: NOW_S - 1, ...noSums(), auctions, p50Ms: 1, p99Ms: 2 }],
      sites: [],
      times: [],
      rows: [],
    }),
  });
  await settle();
  auctions = 5;
  for (let s = 0; s < 16; s++) await tick(1_000);
  await settle();
  const { seconds } = JSON.parse(live.snapshot()).totals.data as { seconds: LiveSecond[] };
  expect(seconds.find(({ at }) => at === NOW_S - 1)).toMatchObject({ auctions: 5 });
});

test('details of auctions from before its start are not counted as bids of now', async () => {
  now = NOW_S * 1000 + 1_000;
  const viewer = view(await start());
  await publishDetails(1);
  await publishDetails(2, { issuedAt: now });
  await tick(100);
  await tick(1_300);
  const { prices } = viewer.of('totals').at(-1)!.data as { prices: { won: number[] } };
  expect(prices.won.reduce((sum, count) => sum + count)).toBe(1);
});

test('after a leap of the clock viewers get snapshots of a new epoch', async () => {
  const live = await start();
  const viewer = view(live);
  await publish(0, 1);
  await tick(100);
  await tick(3_600_000);
  const epochs = viewer.of('totals').map(({ epoch, kind }) => [epoch, kind]);
  expect(epochs).toHaveLength(2);
  expect(epochs[0]![0]).not.toBe(epochs[1]![0]);
  expect(epochs[1]![1]).toBe('snapshot');
  await tick(1_300);
  expect(viewer.of('totals').at(-1)).toMatchObject({
    epoch: epochs[1]![0],
    kind: 'update',
    seq: 1,
  });
});

test('the steps of one auction are told as they happen', async () => {
  const live = await start();
  const topic = `auction:${closed(1).auctionId}`;
  const viewer = view(live, topic);
  await settle();
  await publish(0, 1);
  await publishDetails(1);
  live.stored([{ partition: 0, first: 0, last: 0 }]);
  expect(viewer.of(topic).map(({ seq, kind, data }) => [seq, kind, data])).toEqual([
    [0, 'snapshot', []],
    [1, 'update', [{ step: 'closed', at: closed(1).issuedAt }]],
    [2, 'update', [{ step: 'explained', at: explained(1).issuedAt }]],
    [3, 'update', [{ step: 'stored', at: now }]],
  ]);
});

test('on its own it ticks, and closing ends that', async () => {
  let ticks = 0;
  const live = await start({
    ticking: true,
    clock: {
      now: () => {
        ticks++;
        return Date.now();
      },
    },
  });
  const before = ticks;
  await expect.poll(() => ticks).toBeGreaterThan(before + 3);
  await live.close();
});

async function start(changes: Partial<LiveDependencies> = {}): Promise<Live> {
  const live = new Live({
    bus,
    clock: { now: () => now },
    metrics: createMetrics(),
    onError: (error) => failures.push(error),
    known: async () => undefined,
    past: () => new Promise(() => {}),
    ticking: false,
    ...changes,
  });
  lives.push(live);
  await live.start();
  return live;
}

function view(live: Live, ...topics: string[]): TestSocket {
  const wanted = topics.length > 0 ? topics : ['totals', 'auctions'];
  return connect(live, ...wanted.map((topic) => ({ op: 'subscribe', topic })));
}

function connect(live: Live, ...requests: object[]): TestSocket {
  const socket = new TestSocket();
  const handlers = live.connect();
  handlers.open(socket);
  for (const request of requests) handlers.message(JSON.stringify(request));
  return socket;
}

async function publish(partition: number, n: number): Promise<void> {
  await bus.publish('auction_outcomes', [{ partition, value: closed(n) }]);
}

async function publishDetails(n: number, changes?: Partial<AuctionDetails>): Promise<void> {
  lives[0]!.details([{ partition: 0, offset: n, value: explained(n, changes) }]);
  await settle();
}

async function tick(ms: number): Promise<void> {
  now += ms;
  for (const live of lives) live.tick();
  await settle();
  for (const live of lives) live.tick();
}

/** Lets the bus hand on what it has. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}
