import { beforeEach, expect, test } from 'vitest';
import type { Outgoing } from '#shared/bus/bus.ts';
import { createLog } from '#shared/log.ts';
import { makeAuctionId } from '#shared/model/auction-id.ts';
import { readDetailRow } from '#shared/model/detail-row.ts';
import { readTimes } from '#shared/model/kept-lists.ts';
import type { Decided } from './details.ts';
import { Explaining } from './explaining.ts';

let now = 1_000;
let published: Outgoing<'auction_details'>[][] = [];
beforeEach(() => {
  now = 1_000;
  published = [];
});

function explaining(): Explaining {
  return new Explaining({
    bus: {
      publish: (_topic, records) => {
        published.push(records as never);
        return Promise.resolve();
      },
    },
    clock: { now: () => Math.floor(now), fine: () => now },
    log: createLog('silent'),
  });
}

function decided(count = 1): Decided[] {
  const message = {
    auctionId: makeAuctionId(1_766_000_000_000, 0, new Uint8Array(12)),
    traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    publisherId: 'demo',
    request: { id: 'r', imp: [] },
    groups: [],
    receivedAt: 996,
    deadline: 1_096,
    arrival: { at: 995.5, preparedMs: 0.2 },
  };
  const auction = { message, partition: 0, answers: [], openedAt: 995.8 };
  const result = { imps: [], fates: [] };
  return Array.from(
    { length: count },
    () => ({ auction, result, rules: {}, salt: {}, now: 1_000, closedAt: 1_000 }) as never,
  );
}

function timesOf({ value }: Outgoing<'auction_details'>): unknown {
  return readTimes(JSON.parse(readDetailRow(value.row.join('')).times));
}

test('details wait for the ledger, and say when it had the outcome', async () => {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const desk = explaining();
  desk.take(decided(), promise);
  expect(published).toEqual([]);
  now += 2.25;
  resolve(true);
  await desk.close();
  expect(timesOf(published[0]![0]!)).toEqual({
    published: 0.2,
    opened: 0.3,
    closed: 4.5,
    deadline: 100,
    stored: 6.75,
  });
});

test('what is told of an offer beside its row is what is counted, and nothing else', async () => {
  const [one] = decided();
  const fate = { impid: '1', seat: 'acme', priceMicros: 3, status: 'won', adm: '<p>', cid: 'c' };
  const desk = explaining();
  desk.take([{ ...one!, result: { imps: [], fates: [fate] } as never }], Promise.resolve(true));
  await desk.close();
  expect(published[0]![0]!.value.offers).toEqual([
    { impid: '1', seat: 'acme', priceMicros: 3, status: 'won' },
  ]);
});

test('details of an outcome that was not taken at once go without', async () => {
  const desk = explaining();
  desk.take(decided(), Promise.resolve(false));
  await desk.close();
  expect(timesOf(published[0]![0]!)).not.toHaveProperty('stored');
});

test('details that cannot be told take no others with them', async () => {
  const desk = explaining();
  const [one, other] = decided(2);
  const message = { ...one!.auction.message, auctionId: 'none' };
  desk.take([{ ...one!, auction: { ...one!.auction, message } }, other!], Promise.resolve(true));
  await desk.close();
  expect(published.map(({ length }) => length)).toEqual([1]);
});

test('no more of them wait than memory allows: the others go at once', async () => {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const desk = explaining();
  desk.take(decided(2_000), promise);
  desk.take(decided(), promise);
  expect(published.map(({ length }) => length)).toEqual([1]);
  resolve(true);
  await desk.close();
  desk.take(decided(3), Promise.resolve(true));
  await desk.close();
  expect(published.map(({ length }) => length)).toEqual([1, 2_000, 3]);
});
