/** One auction end to end, from outside, as a publisher, an analyst and an operator see it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runAuction } from '../services/auction/run-auction.ts';
import type { AuctionAnswer } from '../web/src/lib/answers.ts';
import { scenarioOf } from '../web/src/lib/scenario.ts';
import { parseScenario, toAuction } from './auction-scenario.ts';
import { type ExchangeProcess, removeDataDir, startExchange } from './exchange-process.ts';

const SIMPLE = {
  request_id: 'demo-001',
  user_id: 'user-001',
  site: { domain: 'example.com' },
  device: { ip: '192.0.2.1' },
  ad_slots: [{ id: '1', min_bid: 0.2, format: ['300x250'] }],
};
const OPENRTB = {
  id: 'r-1',
  imp: [{ id: 'i-1', banner: { format: [{ w: 300, h: 250 }] }, bidfloor: 0.2 }],
  site: { id: 's', domain: 'example.com', page: 'https://example.com/news' },
  user: { id: 'user-001' },
  tmax: 5_000,
};

let exchange: ExchangeProcess;
beforeAll(async () => {
  exchange = await startExchange();
});
afterAll(async () => {
  expect(await exchange.stop(), exchange.output()).toBe(0);
  await removeDataDir(exchange.dataDir);
});

function post(
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(exchange.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

interface SimpleAnswer {
  request_id: string;
  auction_id: string;
  ads: {
    slot_id: string;
    seat: string;
    campaign: string;
    price: number;
    currency: string;
    adm: string;
    w: number;
    h: number;
  }[];
}

describe('POST /bid', () => {
  test('answers with the winning ad, at a price from the floor up', async () => {
    const answer = await post('/bid', SIMPLE);
    expect(answer.status).toBe(200);
    const { request_id, auction_id, ads } = await answer.json() as SimpleAnswer;
    expect(request_id).toBe('demo-001');
    expect(answer.headers.get('helios-auction-id')).toBe(auction_id);
    expect(ads).toHaveLength(1);
    expect(ads[0]).toMatchObject({ slot_id: '1', currency: 'USD', w: 300, h: 250 });
    expect(ads[0]!.price).toBeGreaterThan(0.2);
    expect(ads[0]!.adm).not.toContain('${AUCTION_');
  });

  test('takes the shortest request there is', async () => {
    const answer = await post('/bid', { site: { domain: 'example.com' } });
    expect(answer.status).toBe(200);
    expect((await answer.json() as SimpleAnswer).ads[0]).toMatchObject({
      slot_id: '1',
      w: 300,
      h: 250,
    });
  });

  test('answers 204 when the floor is out of reach, and the auction says why', async () => {
    const answer = await post('/bid', {
      ...SIMPLE,
      ad_slots: [{ id: '1', min_bid: 900, format: ['300x250'] }],
    });
    expect(answer.status).toBe(204);
    const id = answer.headers.get('helios-auction-id')!;
    await expect.poll(async () => {
      const known = await fetch(`${exchange.url}/api/auctions/${id}`);
      return JSON.stringify(await known.json());
    }).toContain('below_floor');
  });

  test('names path, value and what is allowed of a wrong field', async () => {
    const answer = await post('/bid', { ...SIMPLE, ad_slots: [{ id: '1', min_bid: -1 }] });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      path: 'ad_slots[0].min_bid',
      value: -1,
      allowed: expect.any(String),
    });
  });
});

describe('POST /openrtb2/auction', () => {
  test('answers with a BidResponse', async () => {
    const answer = await post('/openrtb2/auction', OPENRTB);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-openrtb-version')).toBe('2.6');
    expect(await answer.json()).toMatchObject({
      id: 'r-1',
      cur: 'USD',
      seatbid: [{
        bid: [{
          impid: 'i-1',
          price: expect.any(Number),
          adm: expect.any(String),
          crid: expect.any(String),
        }],
      }],
    });
  });

  test('answers test requests without a bid with the reason', async () => {
    const answer = await post('/openrtb2/auction', {
      ...OPENRTB,
      test: 1,
      imp: [{ ...OPENRTB.imp[0], bidfloor: 900 }],
    });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ id: 'r-1', seatbid: [], nbr: 500 });
  });

  test.each([
    ['no imp', { ...OPENRTB, imp: [] }, 'imp'],
    ['two channels', { ...OPENRTB, app: { id: 'a' } }, 'site'],
    ['a floor in another currency', {
      ...OPENRTB,
      imp: [{ ...OPENRTB.imp[0], bidfloorcur: 'EUR' }],
    }, 'imp[0].bidfloorcur'],
    ['a repeated imp id', { ...OPENRTB, imp: [OPENRTB.imp[0], OPENRTB.imp[0]] }, 'imp[1].id'],
  ])('refuses %s', async (_name, body, path) => {
    const answer = await post('/openrtb2/auction', body);
    expect(answer.status).toBe(400);
    const { path: named, allowed } = await answer.json() as { path: string; allowed: string };
    expect([named, typeof allowed]).toEqual([path, 'string']);
  });

  test.each([
    ['no JSON', '{"id":', 400],
    ['JSON 40 levels deep', `{"ext":${'['.repeat(40)}${']'.repeat(40)}}`, 400],
    ['a body of 300 KiB', JSON.stringify({ ...OPENRTB, ext: { pad: 'x'.repeat(300_000) } }), 413],
  ])('refuses %s', async (_name, body, status) => {
    const answer = await post('/openrtb2/auction', body);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ error: expect.any(String) });
  });

  test('takes unknown fields and prototype names without harm', async () => {
    const body = JSON.stringify(OPENRTB).replace(
      '{',
      '{"__proto__":{"polluted":1},"new_field":{"x":1},',
    );
    expect((await post('/openrtb2/auction', body)).status).toBe(200);
    expect((await post('/openrtb2/auction', OPENRTB)).status).toBe(200);
  });
});

describe('asynchronous and repeated requests', () => {
  test('respond-async answers 202 with the place of the outcome', async () => {
    const answer = await post('/bid', SIMPLE, { prefer: 'respond-async' });
    expect(answer.status).toBe(202);
    const location = answer.headers.get('location')!;
    expect(location).toMatch(/^\/api\/auctions\/[0-9a-z]{23}$/);
    await expect.poll(async () => (await fetch(exchange.url + location)).status).toBe(200);
    const known = await (await fetch(exchange.url + location)).json() as {
      outcome: { requestId: string };
    };
    expect(known.outcome.requestId).toBe('demo-001');
  });

  test('an Idempotency-Key gives the first answer again, and refuses other content', async () => {
    const headers = { 'idempotency-key': 'once-1' };
    const first = await post('/bid', SIMPLE, headers);
    const again = await post('/bid', SIMPLE, headers);
    expect(await again.json()).toEqual(await first.json());
    const other = await post('/bid', { ...SIMPLE, user_id: 'user-002' }, headers);
    expect(other.status).toBe(409);
    expect((await post('/bid', SIMPLE)).headers.get('helios-auction-id'))
      .not.toBe(first.headers.get('helios-auction-id'));
  });

  test('ten requests with one Idempotency-Key at once are one auction', async () => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => post('/bid', SIMPLE, { 'idempotency-key': 'once-10' })),
    );
    expect(new Set(answers.map((answer) => answer.headers.get('helios-auction-id'))).size).toBe(1);
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200]));
  });
});

describe('what is known afterwards', () => {
  test('the auction, its bids and the rule of each are in the API and in SQL', async () => {
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
    const answer = await post('/bid', SIMPLE, { traceparent: `00-${trace}-00f067aa0ba902b7-01` });
    const { auction_id, ads } = await answer.json() as SimpleAnswer;
    interface Known {
      outcome: { imps: { winner: { seat: string; priceMicros: number } }[] };
      details?: { fates: { status: string; rule: string }[]; profile?: { userId: string } };
    }
    let known!: Known;
    await expect.poll(async () => {
      known = await (await fetch(`${exchange.url}/api/auctions/${auction_id}`)).json() as Known;
      return known.details?.fates.length ?? 0;
    }).toBeGreaterThanOrEqual(2);
    expect(known.outcome.imps[0]!.winner.priceMicros).toBe(Math.round(ads[0]!.price * 1e6));
    expect(known.details!.profile?.userId).toBe('user-001');
    const fates = known.details!.fates;
    expect(fates.filter(({ status }) => status === 'won')).toHaveLength(1);
    expect(fates.every(({ rule }) => rule.length > 10)).toBe(true);

    const rows = () =>
      exchange.sql<{ seat: string; price_micros: number; trace_id: string; enriched: boolean }>(
        `SELECT seat, price_micros, trace_id, enriched FROM helios.outcomes WHERE auction_id = '${auction_id}'`,
      );
    await expect.poll(async () => (await rows()).length).toBe(1);
    expect((await rows())[0]).toMatchObject({
      seat: ads[0]!.seat,
      trace_id: trace,
      enriched: true,
    });
  });

  test('filters and statistics see it', async () => {
    await post('/bid', { ...SIMPLE, site: { domain: 'filtered.example' } });
    const path = '/api/outcomes/?site_domain=filtered.example&win_status=won';
    await expect.poll(async () => {
      const page = await (await fetch(exchange.url + path)).json() as { total: number };
      return page.total;
    }).toBe(1);
    const stats =
      await (await fetch(`${exchange.url}/api/outcomes/stats/?site_domain=filtered.example`))
        .json();
    expect(stats).toMatchObject({ auctions: 1, won: 1, win_rate: 1 });
    const wrong = await fetch(`${exchange.url}/api/outcomes/?win_status=maybe`);
    expect(wrong.status).toBe(400);
    expect(await wrong.json()).toMatchObject({ field: 'win_status', value: 'maybe' });
  });

  test('an unknown auction is 404, a malformed id 400', async () => {
    expect((await fetch(`${exchange.url}/api/auctions/${'0'.repeat(23)}`)).status).toBe(404);
    expect((await fetch(`${exchange.url}/api/auctions/nonsense`)).status).toBe(400);
  });
});

describe('operations', () => {
  test('/healthz and /readyz tell of every stage and engine', async () => {
    expect(await (await fetch(`${exchange.url}/healthz`)).json()).toMatchObject({ alive: true });
    const ready = await (await fetch(`${exchange.url}/readyz`)).json() as {
      ready: boolean;
      stages: { name: string; ready: boolean }[];
      engines: { ready: boolean }[];
    };
    expect(ready.stages.map(({ name }) => name).sort()).toEqual(
      ['analytics', 'auction', 'bidding', 'clickhouse', 'gateway', 'profile', 'web'],
    );
    expect(ready.engines).toHaveLength(3);
    expect(ready.ready).toBe(true);
  });

  test('/metrics counts requests, on its own port only', async () => {
    await post('/bid', SIMPLE);
    const text = await (await fetch(exchange.metricsUrl)).text();
    for (
      const name of [
        'helios_requests_total{result="filled"}',
        'helios_stage_seconds_bucket',
        'helios_answer_seconds_bucket',
        'helios_open_auctions',
        'helios_queue_depth',
        'helios_event_loop_delay_seconds',
      ]
    ) expect(text).toContain(name);
    expect((await fetch(`${exchange.url}/metrics`)).status).toBe(404);
  });

  test('pages come with their data, and scripts run by nonce only', async () => {
    const { auction_id } = await (await post('/bid', SIMPLE)).json() as SimpleAnswer;
    const url = `${exchange.url}/auctions/${auction_id}`;
    await expect.poll(async () => (await fetch(url)).text()).toContain('The request as understood');
    for (const path of ['/', '/auctions']) {
      await expect.poll(async () => (await fetch(exchange.url + path)).text()).toContain(
        auction_id,
      );
    }
    const page = await fetch(url);
    const html = await page.text();
    const nonce = /'nonce-([^']+)'/.exec(page.headers.get('content-security-policy')!)![1];
    const scripts = html.match(/<script[^>]*>/g)!;
    expect(scripts.filter((script) => !script.includes(`nonce="${nonce}"`))).toEqual([]);
    const [script] = /\/_build\/assets\/[^"]+\.js/.exec(html)!;
    const file = await fetch(exchange.url + script, { headers: { 'accept-encoding': 'gzip' } });
    expect(file.headers.get('cache-control')).toContain('immutable');
    expect(file.headers.get('content-encoding')).toBe('gzip');
    expect((await fetch(`${exchange.url}/nothing-here`)).status).toBe(404);
    expect((await fetch(`${exchange.url}/auctions/none`)).status).toBe(404);
  });

  test('an auction taken along as a scenario comes out the same', async () => {
    const video = { mimes: ['video/mp4'], mincpmpersec: 0.09 };
    const imp = [...OPENRTB.imp, { id: 'by length', video }];
    const answer = await post('/openrtb2/auction', { ...OPENRTB, imp });
    const url = `${exchange.url}/api/auctions/${answer.headers.get('helios-auction-id')}`;
    const known = async () => await (await fetch(url)).json() as AuctionAnswer;
    await expect.poll(async () => (await known()).details).toBeTruthy();
    const held = await known();
    const scenario = parseScenario(scenarioOf(held));
    const { auction, answers, rules, salt } = toAuction(scenario);
    const { imps } = runAuction(auction, answers, rules, salt);
    expect(imps.map(({ winner, eligible }) => [winner?.seat, winner?.priceMicros, eligible]))
      .toEqual(
        held.outcome!.imps.map((
          { winner, eligible },
        ) => [winner?.seat, winner?.priceMicros, eligible]),
      );
    expect(scenario.expect.imps.map(({ seat, price }) => [seat, price]))
      .toEqual(held.imps.map(({ seat, price }) => [seat, price ?? undefined]));
  });

  test('a campaign changed by an administrator bids differently at once', async () => {
    const campaigns = await (await fetch(`${exchange.url}/admin/campaign`)).json() as {
      id: string;
    }[];
    expect(campaigns.length).toBeGreaterThanOrEqual(12);
    const seats = await (await fetch(`${exchange.url}/admin/bidder`)).json() as {
      id: string;
      active: boolean;
    }[];
    const put = (bidder: { id: string }) =>
      fetch(`${exchange.url}/admin/bidder/${bidder.id}`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(bidder),
      });
    for (const seat of seats) {
      expect((await put({ ...seat, active: false } as never)).status).toBe(200);
    }
    expect((await post('/bid', SIMPLE)).status).toBe(204);
    for (const seat of seats) await put(seat);
    await expect.poll(async () => (await post('/bid', SIMPLE)).status).toBe(200);
  });

  test('salts and hashes never leave through the admin routes', async () => {
    expect((await fetch(`${exchange.url}/admin/salt`)).status).toBe(404);
    const key = { role: 'publisher', owner: 'demo', name: 'x', hash: 'a'.repeat(64) };
    const put = await fetch(`${exchange.url}/admin/key/k1`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(key),
    });
    expect(put.status).toBe(200);
    expect(await (await fetch(`${exchange.url}/admin/key`)).text()).not.toContain('aaaa');
  });

  test('a foreign Host or Origin is refused', async () => {
    expect((await post('/bid', SIMPLE, { origin: 'http://evil.example' })).status).toBe(403);
  });
});
