import { beforeEach, expect, test } from 'vitest';
import type { Outgoing } from '#shared/bus/bus.ts';
import { createLog } from '#shared/log.ts';
import type { AuctionDetails } from '#shared/model/events.ts';
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

function details(count = 1): Outgoing<'auction_details'>[] {
  return Array.from({ length: count }, () => {
    const times = { published: 0.2, opened: 0.3, closed: 4.5, deadline: 100 };
    return { partition: 0, value: { times } as AuctionDetails };
  });
}

test('details wait for the ledger, and say when it had the outcome', async () => {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const desk = explaining();
  desk.take(details(), promise, 1_000);
  expect(published).toEqual([]);
  now += 2.25;
  resolve(true);
  await desk.close();
  expect(published[0]![0]!.value.times).toEqual({
    published: 0.2,
    opened: 0.3,
    closed: 4.5,
    deadline: 100,
    stored: 6.75,
  });
});

test('details of an outcome that was not taken at once go without', async () => {
  const desk = explaining();
  desk.take(details(), Promise.resolve(false), 1_000);
  await desk.close();
  expect(published[0]![0]!.value.times).not.toHaveProperty('stored');
});

test('no more of them wait than memory allows: the others go at once', async () => {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const desk = explaining();
  desk.take(details(2_000), promise, 1_000);
  desk.take(details(), promise, 1_000);
  expect(published.map(({ length }) => length)).toEqual([1]);
  resolve(true);
  await desk.close();
  desk.take(details(3), Promise.resolve(true), 1_000);
  await desk.close();
  expect(published.map(({ length }) => length)).toEqual([1, 2_000, 3]);
});
