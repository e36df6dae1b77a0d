import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeAuctionId } from '#shared/model/auction-id.ts';
import { createSqliteStore } from '#shared/store/sqlite.ts';
import type { Store } from '#shared/store/store.ts';
import { AuctionById } from './auction-by-id.ts';
import { KeptAnswers } from './kept-answers.ts';

const NOW = Date.now();
const ID = makeAuctionId(NOW, 0, new Uint8Array(12));
const PROMISE = {
  publisherId: 'acme',
  source: 'openrtb',
  requestId: 'r',
  isTest: false,
  closesAt: NOW + 1_100,
} as const;
const WON = {
  requestId: 'r',
  auctionId: ID,
  currency: 'USD',
  imps: [{
    impid: '1',
    winner: { seat: 's', bidId: 'b', adm: 'p=${AUCTION_PRICE}', priceMicros: 5e5 },
  }],
};

let store: Store;
let answers: KeptAnswers;

beforeEach(async () => {
  store = await createSqliteStore({ path: ':memory:' });
  answers = new KeptAnswers(store);
  await answers.promise(ID, PROMISE, NOW);
});
afterEach(() => store.close());

/** As seen so many ms after the request, with `record` known to analytics. */
function at(ms: number, record?: object): { byId: AuctionById; asked: string[] } {
  const asked: string[] = [];
  const analytics = ({ url }: Request): Response => {
    asked.push(url);
    return record ? Response.json(record) : new Response(null, { status: 404 });
  };
  const byId = new AuctionById({
    answers,
    room: { isPending: () => false },
    routes: { analytics },
    clock: { now: () => NOW + ms },
    log: { warn: () => {} },
  });
  return { byId, asked };
}

describe('AuctionById, when the gateway that had the auction is gone', () => {
  test('answers what was recorded, once it would have told by itself', async () => {
    const early = at(3_000, { outcome: WON });
    expect((await early.byId.forPublisher(ID, 'acme')).status).toBe(202);
    expect(early.asked).toEqual([]);
    const answer = await at(3_200, { outcome: WON, events: [] }).byId.forPublisher(ID, 'acme');
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ seatbid: [{ bid: [{ adm: 'p=0.5' }] }] });
  });

  test.each([
    [
      'a win that came after the empty answer',
      { outcome: WON, events: [{ kind: 'undelivered' }] },
      204,
    ],
    ['an auction nobody won', { outcome: { ...WON, imps: [{ impid: '1' }] }, events: [] }, 204],
    ['a win whose ad was not recorded', { outcome: null, events: [] }, 202],
    ['nothing recorded yet', undefined, 202],
  ])('%s is %3$s', async (_name, record, status) => {
    expect((await at(3_200, record).byId.forPublisher(ID, 'acme')).status).toBe(status);
  });

  test('an analytics stage that fails makes it pending, and it is asked for the owner alone', async () => {
    const { byId, asked } = at(3_200);
    expect((await byId.forPublisher(ID, 'other')).status).toBe(404);
    expect(asked).toEqual([]);
    const failing = new AuctionById({
      answers,
      room: { isPending: () => false },
      routes: { analytics: () => Promise.reject(new Error('away')) },
      clock: { now: () => NOW + 3_200 },
      log: { warn: () => {} },
    });
    expect((await failing.forPublisher(ID, 'acme')).status).toBe(202);
  });

  test('an admin gets the record with the answer, and it is kept by nobody', async () => {
    const { byId } = at(3_200, { outcome: WON, events: [] });
    const record = Response.json({ outcome: WON });
    const answer = await byId.forAdmin(ID, () => record);
    expect(await answer.json()).toMatchObject({ outcome: WON, answer: { id: 'r' } });
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  test.each([
    ['of just now', 202, NOW],
    ['of an hour ago', 404, NOW - 3_600_000],
    ['to come', 404, 2 ** 44],
  ])('an auction %s that nobody knows is %s for an admin', async (_name, status, timeMs) => {
    const id = makeAuctionId(timeMs, 0, new Uint8Array(12));
    const none = () => new Response(null, { status: 404 });
    expect((await at(0).byId.forAdmin(id, none)).status).toBe(status);
  });

  test('what was told counts, whatever was recorded', async () => {
    await answers.remember(ID, undefined);
    const { byId, asked } = at(3_200, { outcome: WON, events: [] });
    expect((await byId.forPublisher(ID, 'acme')).status).toBe(204);
    expect(asked).toEqual([]);
  });

  test('what analytics does not know yet holds no connection to it', async () => {
    let cancelled = 0;
    const unknown = () =>
      new Response(new ReadableStream({ cancel: () => void cancelled++ }), { status: 404 });
    expect((await at(50).byId.forAdmin(ID, unknown)).status).toBe(202);
    expect(cancelled).toBe(1);
  });
});
