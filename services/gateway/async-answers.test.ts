/** What a publisher fetches after a 202, from the outside: through the door, over a bus and a store. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ConfigChange } from '#shared/model/catalog.ts';
import type { AdEvent, BidRequestMessage } from '#shared/model/events.ts';
import type { Service } from '#shared/service.ts';
import { hashSecret } from './access.ts';
import type { GatewayDependencies } from './app.ts';
import { gatewayOn, openEngines, outcomeOf, type TestEngines } from './test-gateway.ts';

const SECRET = 'abcdefghijklmnopqrstuvwxyzABCDEF';
const ACME = `hk_acme_${SECRET}`;
const OTHER = `hk_other_${SECRET}`;
const ADMIN_KEY = 'an admin key of the test door';
const OPENRTB = {
  id: 'r',
  imp: [{ id: '1', banner: { w: 300, h: 250 } }],
  site: { id: 's' },
  tmax: 5_000,
};
const SIMPLE = { request_id: 'r', site: { domain: 'news.example' }, tmax: 5_000 };
/** Ends a second after its 20 ms. */
const HASTY = { ...OPENRTB, tmax: 20 };

/** With macros. */
const AD = '<img src="https://a.example/?p=${AUCTION_PRICE}&r=${AUCTION_ID}">';

let engines: TestEngines;
let gateways: Service[] = [];
let asked: BidRequestMessage[] = [];

beforeEach(async () => {
  engines = await openEngines((error) => {
    throw error;
  });
  const change = (kind: string, id: string, value: object) =>
    ({ v: 1, at: 0, actor: 't', kind, id, value: { id, ...value } }) as ConfigChange;
  const hash = hashSecret(SECRET);
  await engines.catalog.publish([
    change('bidder', 'b', { name: 'B', group: 'g', active: true }),
    ...['acme', 'other'].flatMap((id) => [
      change('publisher', id, { name: id, active: true, demo: id === 'acme' }),
      change('key', id, { role: 'publisher', owner: id, name: id, hash }),
    ]),
  ]);
  await engines.bus.read({ as: 'group', group: 'test', from: 'end' }, {
    bid_requests: (batch) => void asked.push(...batch.map(({ value }) => value)),
  });
});
afterEach(async () => {
  vi.useRealTimers();
  await Promise.all(gateways.map((gateway) => gateway.close()));
  await engines.close();
  gateways = [];
  asked = [];
});

async function open(changes: Partial<GatewayDependencies> = {}): Promise<Service> {
  const gateway = gatewayOn(engines, { loopback: false, adminKey: ADMIN_KEY, ...changes });
  await gateway.start();
  gateways.push(gateway);
  return gateway;
}

async function post(
  gateway: Service,
  body: object,
  headers: Record<string, string> = { prefer: 'respond-async' },
): Promise<Response> {
  const path = 'imp' in body ? '/openrtb2/auction' : '/bid';
  const type = { 'content-type': 'application/json' };
  const all = { ...type, host: 'localhost', 'x-api-key': ACME, ...headers };
  const init = { method: 'POST', headers: all, body: JSON.stringify(body) };
  return await gateway.fetch(new Request(`http://localhost${path}`, init));
}

async function get(gateway: Service, path: string, key: string | null = ACME): Promise<Response> {
  const headers: Record<string, string> = { host: 'localhost' };
  if (key !== null) headers['x-api-key'] = key;
  return await gateway.fetch(new Request(`http://localhost${path}`, { headers }));
}

/** The place a 202 names. */
async function taken(gateway: Service, body: object): Promise<string> {
  const answer = await post(gateway, body);
  expect(answer.status).toBe(202);
  return answer.headers.get('location')!;
}

/** Ends the auction asked for last, as the auction stage would. */
async function close(wins = true): Promise<void> {
  await expect.poll(() => asked.length).toBeGreaterThan(0);
  const value = outcomeOf(asked.at(-1)!, wins ? AD : undefined);
  await engines.bus.publish('auction_outcomes', [{ partition: 0, value }]);
}

async function whole(answer: Response) {
  return {
    status: answer.status,
    headers: Object.fromEntries(answer.headers),
    body: await answer.text(),
  };
}

describe('GET /api/auctions/:id with the key of a publisher', () => {
  test.each([
    ['a win in OpenRTB', OPENRTB, true, 200, '"seatbid":[{"seat":"s"'],
    ['a win in the simple form', SIMPLE, true, 200, '"slot_id":"1","seat":"s"'],
    ['no bid', OPENRTB, false, 204, ''],
    ['no bid in the simple form', SIMPLE, false, 204, ''],
    ['no bid of a test', { ...OPENRTB, test: 1 }, false, 200, '"nbr":500'],
  ])(
    '%s: pending, then what waiting would have been answered',
    async (_n, body, wins, status, part) => {
      const gateway = await open();
      const headers = { prefer: 'respond-async', 'idempotency-key': 'k' };
      const location = (await post(gateway, body, headers)).headers.get('location')!;
      const pending = await get(gateway, location);
      expect([pending.status, pending.headers.get('retry-after')]).toEqual([202, '1']);
      expect(await pending.json()).toEqual({ auction_id: location.slice(-23), status: 'pending' });
      await close(wins);
      await expect.poll(async () => (await get(gateway, location)).status).toBe(status);
      const fetched = await whole(await get(gateway, location));
      // The same content with the same key, without `Prefer`, is the same auction.
      expect(fetched).toEqual(await whole(await post(gateway, body, { 'idempotency-key': 'k' })));
      expect(fetched.body).toContain(part);
      expect(fetched.headers['helios-auction-id']).toBe(location.slice(-23));
      if (status === 204) expect(fetched.headers['helios-no-bid']).toBe('500');
      if (wins) expect(fetched.body).toContain('?p=0.5&r=r');
    },
  );

  test('without an outcome in time it is the empty answer, and a later win is undelivered', async () => {
    const gateway = await open();
    const events: AdEvent[] = [];
    await engines.bus.read({ as: 'group', group: 'events', from: 'end' }, {
      ad_events: (batch) => void events.push(...batch.map(({ value }) => value)),
    });
    const location = await taken(gateway, HASTY);
    await expect.poll(async () => (await get(gateway, location)).status, { timeout: 3_000 })
      .toBe(204);
    await close();
    await expect.poll(() => events).toMatchObject([{ kind: 'undelivered' }]);
    const answer = await get(gateway, location);
    expect([answer.status, answer.headers.get('helios-no-bid')]).toEqual([204, '1']);
  });

  test('another publisher finds nothing there, pending or not, and no key is still refused', async () => {
    const gateway = await open();
    const location = await taken(gateway, OPENRTB);
    expect((await get(gateway, location, OTHER)).status).toBe(404);
    await close();
    await expect.poll(async () => (await get(gateway, location)).status).toBe(200);
    const other = await get(gateway, location, OTHER);
    expect(other.status).toBe(404);
    expect(await other.json()).toEqual({ error: expect.stringContaining('under this id') });
    expect((await get(gateway, location, null)).status).toBe(401);
    expect((await get(gateway, '/api/outcomes/')).status).toBe(403);
  });

  test('there is nothing under an unknown id, a text that is none, or of who has waited', async () => {
    const gateway = await open();
    const waiting = post(gateway, OPENRTB, {});
    await close();
    const waited = (await waiting).headers.get('helios-auction-id')!;
    for (const id of [waited, waited.replace(/.{4}$/, '0000'), 'nothing']) {
      expect((await get(gateway, `/api/auctions/${id}`)).status, id).toBe(404);
    }
  });

  test('any gateway answers that shares the store', async () => {
    const one = await open();
    const two = await open({ slice: [] });
    const location = await taken(one, SIMPLE);
    expect((await get(two, location)).status).toBe(202);
    expect((await get(two, location, OTHER)).status).toBe(404);
    await close();
    await expect.poll(async () => (await get(two, location)).status).toBe(200);
    expect(await whole(await get(two, location))).toEqual(await whole(await get(one, location)));
  });

  test('an answer is kept for a minute after the last moment of its auction', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
    const gateway = await open();
    const start = Date.now();
    const location = await taken(gateway, OPENRTB);
    await close();
    await expect.poll(async () => (await get(gateway, location)).status).toBe(200);
    vi.setSystemTime(start + 65_900);
    expect((await get(gateway, location)).status).toBe(200);
    vi.setSystemTime(start + 66_100);
    expect((await get(gateway, location)).status).toBe(404);
  });

  test('a repetition that will not wait can fetch the answer of a first that has', async () => {
    const gateway = await open();
    const key = { 'idempotency-key': 'k' };
    const waiting = post(gateway, OPENRTB, key);
    await close();
    const first = await whole(await waiting);
    const again = await post(gateway, OPENRTB, { ...key, prefer: 'respond-async' });
    expect(again.status).toBe(202);
    expect(await whole(await get(gateway, again.headers.get('location')!))).toEqual(first);
  });

  test('a repetition that waits is answered within its tmax, though the first has a second more', async () => {
    const gateway = await open();
    const key = { 'idempotency-key': 'k' };
    await post(gateway, HASTY, { ...key, prefer: 'respond-async' });
    expect((await post(gateway, HASTY, key)).status).toBe(503);
    await close();
  });

  test('a key whose request the bus refused is free again, and what comes of it is undelivered', async () => {
    const events: AdEvent[] = [];
    await engines.bus.read({ as: 'group', group: 'events', from: 'end' }, {
      ad_events: (batch) => void events.push(...batch.map(({ value }) => value)),
    });
    const gateway = await open();
    const headers = { prefer: 'respond-async', 'idempotency-key': 'k' };
    const { publish } = engines.bus;
    engines.bus.publish = async (...order: Parameters<typeof publish>) => {
      await publish.apply(engines.bus, order);
      throw new Error('Nobody said that it is there');
    };
    expect((await post(gateway, OPENRTB, headers)).status).toBe(503);
    engines.bus.publish = publish;
    await close();
    await expect.poll(() => events).toMatchObject([{ auctionId: asked[0]!.auctionId }]);
    const again = await post(gateway, OPENRTB, headers);
    expect(again.status).toBe(202);
    await expect.poll(() => asked.length).toBe(2);
    await close();
    const location = again.headers.get('location')!;
    await expect.poll(async () => (await get(gateway, location)).status).toBe(200);
    expect(events).toHaveLength(1);
  });

  test('without a place for the answer nothing is begun', async () => {
    const gateway = await open();
    const location = await taken(gateway, OPENRTB);
    const { store } = engines;
    const { claim, claimed } = store;
    store.claim = store.claimed = () => Promise.reject(new Error('away'));
    const refused = await post(gateway, OPENRTB);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
    expect((await get(gateway, location)).status).toBe(503);
    Object.assign(store, { claim, claimed });
    await close();
    await expect.poll(async () => (await get(gateway, location)).status).toBe(200);
    expect(asked).toHaveLength(1);
  });
});

describe('GET /api/auctions/:id of an admin', () => {
  test('has the answer of an asynchronous request in the record while it is kept', async () => {
    const analytics = () => Response.json({ status: 'closed', outcome: {} });
    const gateway = await open({ loopback: true, routes: { analytics } });
    const location = await taken(gateway, OPENRTB);
    expect((await get(gateway, location, null)).status).toBe(202);
    await close();
    await expect.poll(async () => (await get(gateway, location)).status).toBe(200);
    const answer = await (await get(gateway, location)).json();
    for (const key of [null, ADMIN_KEY]) {
      const record = await get(gateway, location, key);
      expect(await record.json()).toEqual({ status: 'closed', outcome: {}, answer });
    }
    const unknown = await get(gateway, location.replace(/.{4}$/, '0000'), ADMIN_KEY);
    expect(await unknown.json()).toEqual({ status: 'closed', outcome: {} });
  });

  test('says null where the answer is empty', async () => {
    const analytics = () => Response.json({ status: 'closed' });
    const gateway = await open({ routes: { analytics } });
    const location = await taken(gateway, OPENRTB);
    await close(false);
    await expect.poll(async () => (await get(gateway, location)).status).toBe(204);
    const record = await get(gateway, location, ADMIN_KEY);
    expect(await record.json()).toEqual({ status: 'closed', answer: null });
  });
});

test.each([
  ['waiting', {}],
  ['asynchronous', { prefer: 'respond-async' }],
  ['with an Idempotency-Key', { 'idempotency-key': 'k' }],
])('a request with too little time, %s, names no auction, each time', async (_name, headers) => {
  const gateway = await open();
  for (const body of [{ ...OPENRTB, tmax: 9 }, { ...SIMPLE, tmax: 1 }]) {
    const answer = await post(gateway, body, headers as unknown as Record<string, string>);
    expect([answer.status, answer.headers.get('helios-no-bid')]).toEqual([204, '15']);
    expect(answer.headers.has('helios-auction-id')).toBe(false);
  }
  const test = await post(gateway, { ...OPENRTB, tmax: 9, test: 1 }, headers as never);
  expect(await test.json()).toEqual({ id: 'r', seatbid: [], nbr: 15 });
  expect(test.headers.has('helios-auction-id')).toBe(false);
  expect(asked).toEqual([]);
});

test('only a request whose publisher is promised an answer must survive a broker', async () => {
  const gateway = await open();
  const publish = vi.spyOn(engines.bus, 'publish');
  await taken(gateway, OPENRTB);
  await close();
  const waiting = post(gateway, OPENRTB, {});
  await expect.poll(() => asked.length).toBe(2);
  await close();
  expect((await waiting).status).toBe(200);
  const requests = publish.mock.calls.filter(([topic]) => topic === 'bid_requests');
  expect(requests.map(([, , promised]) => promised)).toEqual([true, false]);
});
