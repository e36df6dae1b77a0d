import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Received } from '#shared/bus/bus.ts';
import { createMetrics } from '#shared/metrics.ts';
import { parseAuctionId } from '#shared/model/auction-id.ts';
import type { AdEvent, AuctionOutcome, BidRequestMessage } from '#shared/model/events.ts';
import type { Service } from '#shared/service.ts';
import type { GatewayDependencies } from './app.ts';
import {
  DEMO_PUBLISHER,
  gatewayOn,
  openEngines,
  outcomeOf,
  type TestEngines,
} from './test-gateway.ts';

const BODY = JSON.stringify({
  id: 'r',
  imp: [{ id: '1', banner: { w: 300, h: 250 } }],
  site: { id: 's' },
  tmax: 5_000,
});
/** For what happens at the deadline. */
const HASTY = BODY.replace('"tmax":5000', '"tmax":60');

let engines: TestEngines;
let gateway: Service;
const failures: unknown[] = [];

beforeEach(async () => {
  engines = await openEngines((error) => failures.push(error), 2);
  await engines.catalog.publish([
    {
      v: 1,
      at: 0,
      actor: 't',
      kind: 'bidder',
      id: 'b',
      value: { id: 'b', name: 'B', group: 'g', active: true },
    },
    DEMO_PUBLISHER,
  ]);
});
afterEach(async () => {
  await gateway?.close();
  await engines.close();
  expect(failures.splice(0)).toEqual([]);
});

async function open(changes: Partial<GatewayDependencies> = {}): Promise<Service> {
  gateway = gatewayOn(engines, changes);
  await gateway.start();
  return gateway;
}

/** Stands in for bidding and auction: answers each request with the outcome `make` gives, if any. */
async function answerWith(
  make: (message: BidRequestMessage) => AuctionOutcome | undefined,
): Promise<void> {
  await engines.bus.read({ as: 'group', group: 'test', from: 'end' }, {
    bid_requests(batch) {
      for (const { partition, value } of batch) {
        const outcome = make(value);
        if (outcome) void engines.bus.publish('auction_outcomes', [{ partition, value: outcome }]);
      }
    },
  });
}

function won(message: BidRequestMessage): AuctionOutcome {
  return outcomeOf(message, '<p>ad</p>');
}

/** An auction that nobody closed in time, what is told of it, and a win of it that comes late. */
async function missed() {
  await open();
  let asked: BidRequestMessage | undefined;
  await answerWith((message) => {
    asked = message;
    return undefined;
  });
  const events: Received<'ad_events'>[] = [];
  await engines.bus.read({ as: 'group', group: 'test', from: 'end' }, {
    ad_events: (batch) => void events.push(...batch),
  });
  const answer = await post({}, HASTY);
  expect(answer.status).toBe(204);
  const { auctionId } = asked!;
  expect(answer.headers.get('helios-auction-id')).toBe(auctionId);
  const { partition } = parseAuctionId(auctionId)!;
  const winLate = () =>
    engines.bus.publish('auction_outcomes', [{ partition, value: won(asked!) }]);
  return { auctionId, events, winLate };
}

function post(
  headers: Record<string, string> = {},
  body: string | ReadableStream = BODY,
  at = gateway,
): Promise<Response> {
  const all = { 'content-type': 'application/json', host: 'localhost', ...headers };
  const init = { method: 'POST', headers: all, body, duplex: 'half' };
  return Promise.resolve(
    at.fetch(new Request('http://localhost/openrtb2/auction', init as RequestInit)),
  );
}

describe('createGateway()', () => {
  test('tells in a header how a request was understood otherwise than it was written', async () => {
    await open();
    const plain = await post({}, HASTY);
    expect(plain.headers.has('helios-warnings')).toBe(false);
    const body = { ...JSON.parse(HASTY), at: 3, badv: [`https://${'a'.repeat(90)}.example/`] };
    const odd = await post({}, JSON.stringify(body));
    expect(odd.status).toBe(204);
    expect(odd.headers.get('helios-warnings')).toBe(
      `badv[0]: allowed is a domain, such as "example.com". Taken as ${'a'.repeat(80)}?; ` +
        'at: allowed is 1 (first price) or 2 (second price plus). ' +
        'The auction is run as 2, second price plus',
    );
  });

  test('asks for the key of a publisher where no demo publisher stands in', async () => {
    const value = { id: 'demo', name: 'D', active: true, demo: false };
    await engines.catalog.publish([
      { v: 1, at: 1, actor: 't', kind: 'publisher', id: 'demo', value },
    ]);
    await open();
    const answer = await post();
    expect(answer.status).toBe(403);
    const error = expect.stringMatching(/^The key of a publisher is needed/);
    expect(await answer.json()).toEqual({ error });
  });

  test('answers when the outcome is stored, with the price of the outcome', async () => {
    await open();
    await answerWith(won);
    const answer = await post();
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({
      id: 'r',
      seatbid: [{ seat: 's', bid: [{ price: 0.5, adm: '<p>ad</p>' }] }],
    });
  });

  test('passes deadline, groups, publisher and trace on', async () => {
    await open();
    let seen: BidRequestMessage | undefined;
    await answerWith((message) => won(seen = message));
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    await post({ traceparent });
    expect(seen).toMatchObject({
      traceparent,
      groups: ['g'],
      publisherId: 'demo',
      source: 'openrtb',
    });
    expect(seen!.deadline - seen!.receivedAt).toBe(5_000);
  });

  test('answers 204 at the deadline when nobody does, and says that there was no outcome', async () => {
    await open();
    const answer = await post({}, HASTY);
    expect(answer.status).toBe(204);
    expect(answer.headers.get('helios-no-bid')).toBe('1');
  });

  test('tells of a win that came after the empty answer, once', async () => {
    const { auctionId, events, winLate } = await missed();
    for (let n = 0; n < 2; n++) await winLate();
    await expect.poll(() => events.map(({ value }): Partial<AdEvent> => value)).toMatchObject([
      { kind: 'undelivered', auctionId, publisherId: 'demo' },
    ]);
  });

  test('tells of a win that is on its way while the gateway closes', async () => {
    const { auctionId, events, winLate } = await missed();
    const closed = gateway.close();
    await new Promise((resolve) => setTimeout(resolve, 50));
    await winLate();
    await closed;
    await expect.poll(() => events.map(({ value }) => value.auctionId)).toEqual([auctionId]);
  });

  test('sheds load with 503 and Retry-After when the waiting room is full', async () => {
    await open({ waitingMax: 2 });
    const slow = HASTY.replace('"tmax":60', '"tmax":600');
    const waiting = [post({}, slow), post({}, slow)];
    await new Promise((resolve) => setTimeout(resolve, 20));
    const refused = await post();
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([204, 204]);
    expect((await post({}, HASTY)).status).toBe(204);
  });

  test('sheds load that comes at one moment, and that waits for the store', async () => {
    await open({ waitingMax: 2 });
    const statuses = (answers: Response[]) => answers.map(({ status }) => status).sort();
    const burst = await Promise.all(Array.from({ length: 5 }, () => post({}, HASTY)));
    expect(statuses(burst)).toEqual([204, 204, 503, 503, 503]);

    const { promise: away, resolve: back } = Promise.withResolvers<void>();
    const { claim } = engines.store;
    engines.store.claim = (...taken) => away.then(() => claim.apply(engines.store, taken));
    const keyed = ['a', 'b', 'c'].map((key) => post({ 'idempotency-key': key }, HASTY));
    expect((await post()).status).toBe(503);
    back();
    expect(statuses(await Promise.all(keyed))).toEqual([204, 204, 503]);
  });

  test('sheds repetitions that wait for an answer of another gateway, and closes after them', async () => {
    const other = gatewayOn(engines);
    await other.start();
    let asked: BidRequestMessage | undefined;
    await answerWith((message) => {
      asked = message;
      return undefined;
    });
    const key = { 'idempotency-key': 'k' };
    const first = post(key, BODY, other);
    await expect.poll(() => asked).toBeDefined();
    await open({ waitingMax: 2 });
    const again = [post(key), post(key)];
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect((await post()).status).toBe(503);
    let closed = false;
    const closing = gateway.close().then(() => closed = true);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(closed).toBe(false);
    const { partition } = parseAuctionId(asked!.auctionId)!;
    await engines.bus.publish('auction_outcomes', [{ partition, value: won(asked!) }]);
    const answers = await Promise.all([first, ...again]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    await Promise.all([closing, other.close()]);
  });

  test('holds it against no partition that a body came after its deadline', async () => {
    let now = 1_800_000_000_000;
    const metrics = createMetrics();
    await open({ clock: { now: () => now }, metrics });
    const slow = (): ReadableStream =>
      new ReadableStream({
        pull(controller) {
          now += 100;
          controller.enqueue(new TextEncoder().encode(HASTY));
          controller.close();
        },
      }, { highWaterMark: 0 });
    for (let n = 0; n < 8; n++) expect((await post({}, slow())).status).toBe(204);
    expect((await metrics.render()).text).toMatch(/^helios_broken_partitions 0$/m);
  });

  test('ends a request with too little time at once, with no-bid reason 15', async () => {
    await open();
    const answer = await post({}, HASTY.replace('"tmax":60', '"tmax":3'));
    expect([answer.status, answer.headers.get('helios-no-bid')]).toEqual([204, '15']);
  });

  test('promises nothing that the bus did not take', async () => {
    const publish = engines.bus.publish.bind(engines.bus);
    engines.bus.publish = () => Promise.reject(new Error('away'));
    const answer = await post({ prefer: 'respond-async' });
    engines.bus.publish = publish;
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('1');
  });

  test('202 is pending until the outcome is there', async () => {
    await open();
    let message: BidRequestMessage | undefined;
    await answerWith((seen) => {
      message = seen;
      return undefined;
    });
    const answer = await post({ prefer: 'respond-async' });
    expect(answer.status).toBe(202);
    const look = async () =>
      (await gateway.fetch(
        new Request(`http://localhost${answer.headers.get('location')}`, {
          headers: { host: 'localhost' },
        }),
      )).status;
    expect(await look()).toBe(202);
    await expect.poll(() => message).toBeDefined();
    await engines.bus.publish('auction_outcomes', [{ partition: 0, value: won(message!) }]);
    expect(await look()).toBe(404); // no analytics stage here to tell the rest
  });

  test('an Idempotency-Key is one auction for the same content, 409 for other, and each publisher has its own', async () => {
    await open();
    let auctions = 0;
    await answerWith((message) => {
      auctions++;
      return won(message);
    });
    const key = { 'idempotency-key': 'k' };
    const [first, again] = [await post(key), await post(key)];
    expect(await again.text()).toBe(await first.text());
    expect((await post(key, BODY.replace('"r"', '"other"'))).status).toBe(409);
    expect(auctions).toBe(1);
    await post();
    expect(auctions).toBe(2);
  });

  test.each([
    ['waits', {}, 200],
    ['does not wait', { prefer: 'respond-async' }, 202],
  ])(
    'a key that was taken without the store saying so is that of who sends it again and %s',
    async (_, headers, status) => {
      await open();
      let asked = 0;
      await answerWith((message) => {
        asked++;
        return won(message);
      });
      const { claim } = engines.store;
      engines.store.claim = async (key, value, ttlMs) => {
        if (!key.startsWith('idem/')) return await claim.call(engines.store, key, value, ttlMs);
        engines.store.claim = claim;
        await claim.call(engines.store, key, value, ttlMs);
        throw new Error('no answer in 1000 ms');
      };
      const key: Record<string, string> = { 'idempotency-key': 'k', ...headers };
      expect((await post(key)).status).toBe(503);
      const answers = [await post(key), await post(key)];
      expect(answers.map((answer) => answer.status)).toEqual([status, status]);
      const ids = answers.map((answer) => answer.headers.get('helios-auction-id'));
      expect(new Set(ids).size).toBe(1);
      await expect.poll(() => asked).toBe(1);
    },
  );

  test('refuses an Idempotency-Key that is too long', async () => {
    await open();
    const answer = await post({ 'idempotency-key': 'k'.repeat(256) });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ path: 'Idempotency-Key' });
  });

  test('close() answers everyone inside and takes nobody more', async () => {
    await open();
    const inside = post({}, HASTY);
    await new Promise((resolve) => setTimeout(resolve, 10));
    const closed = gateway.close();
    expect((await post()).status).toBe(503);
    expect((await inside).status).toBe(204);
    await closed;
  });

  test('close() does not forget who came before it and whose body comes after it', async () => {
    await open();
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const slow = post({}, readable);
    await gateway.close();
    const writer = writable.getWriter();
    void writer.write(new TextEncoder().encode(HASTY));
    void writer.close();
    const answer = await slow;
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
  });

  test.each<Record<string, string>>([{ 'idempotency-key': 'k' }, { prefer: 'respond-async' }])(
    'close() answers who still waits for the store: %j',
    async (headers) => {
      await open();
      const { claim } = engines.store;
      const stored = Promise.withResolvers<void>();
      engines.store.claim = async (...given) => {
        await stored.promise;
        return await claim.call(engines.store, ...given);
      };
      const inside = post(headers, HASTY);
      await new Promise((resolve) => setTimeout(resolve, 10));
      const closed = gateway.close();
      await new Promise((resolve) => setTimeout(resolve, 20));
      stored.resolve();
      expect((await inside).status).toBe(headers.prefer ? 202 : 204);
      await closed;
    },
  );

  test('ready() says no without a bidder', async () => {
    await open();
    await gateway.ready();
    await engines.catalog.publish([{
      v: 1,
      at: 0,
      actor: 't',
      kind: 'bidder',
      id: 'b',
      value: null,
    }]);
    await expect(gateway.ready()).rejects.toThrow('No bidder is configured');
  });

  test('other methods are refused with what is allowed', async () => {
    await open();
    const answer = await gateway.fetch(
      new Request('http://localhost/bid', { headers: { host: 'localhost' } }),
    );
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
  });
});
