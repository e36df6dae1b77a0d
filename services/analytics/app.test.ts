import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Bus } from '#shared/bus/bus.ts';
import { emptyCatalog } from '#shared/model/catalog.ts';
import type { Service } from '#shared/service.ts';
import { AD_EVENTS } from '#shared/warehouse/tables.ts';
import { type Warehouse, WarehouseError } from '#shared/warehouse/warehouse.ts';
import { createAnalytics } from './app.ts';
import { openEngines, surroundings, type TestEngines } from './test-engines.ts';
import {
  details,
  idOf,
  impOutcome,
  outcome,
  recentId,
  TIME_MS,
  undelivered,
} from './test-records.ts';

const DAY_MS = 86_400_000;
/** The clock stands two days after the outcomes of the tests. */
const NOW = TIME_MS + 2 * DAY_MS;
const OPEN = idOf(9_999);

let engines: TestEngines;
let bus: Bus;
let analytics: Service;
let away = false;
/** In the place of what reports ask. */
let asked: string | undefined;
const errors: unknown[] = [];
const catalog = emptyCatalog();

beforeAll(async () => {
  engines = await openEngines();
  bus = await engines.openBus('journal');
  for (const id of ['2025-12-17', '2025-12-19', '2025-12-20']) {
    catalog.salt.set(id, { id, salt: 'ab'.repeat(32) });
  }
  const warehouse: Warehouse = {
    ...engines.warehouse,
    query: (sql, params) =>
      away
        ? Promise.reject(new WarehouseError('unavailable', 'Cannot ask: away'))
        : engines.warehouse.query(asked ?? sql, params),
  };
  analytics = createAnalytics({
    ...surroundings(),
    bus,
    warehouse,
    clock: { now: () => NOW },
    catalog: { current: catalog },
    pending: (id) => id === OPEN,
    onError: (error) => errors.push(error),
  });
  await analytics.start();
  const unsold = impOutcome({ impid: '2', bids: 0, eligible: 0 });
  delete unsold.winner;
  await bus.publish(
    'auction_outcomes',
    Array.from({ length: 12 }, (_, n) => ({
      partition: 0,
      value: outcome(n, n === 3 ? { imps: [impOutcome(), unsold] } : {}),
    })),
  );
  // Of today, as details of an older one would be deleted by age.
  await bus.publish('auction_outcomes', [{
    partition: 1,
    value: outcome(20, { auctionId: recentId(20), userId: 'today' }),
  }]);
  await bus.publish('auction_details', [{
    partition: 1,
    value: details(20, { auctionId: recentId(20) }),
  }]);
  await bus.publish('ad_events', [{ partition: 0, value: undelivered(5) }]);
  const total = async (query: string) => (await get(`/api/outcomes?${query}`)).body.total;
  await vi.waitFor(async () => expect(await total('until=2026-01-01')).toBe(13), 15_000);
  await vi.waitFor(async () => expect(await total('user_id=today')).toBe(1), 15_000);
});
afterAll(async () => {
  await analytics.close();
  await bus.close();
  await engines.dispose();
});

/** What the tests look into; each answer has some of it. */
interface Body {
  total: number;
  next: string | null;
  results: Record<string, unknown>[];
  field: string;
  [name: string]: unknown;
}

async function get(
  path: string,
  init?: RequestInit,
): Promise<{ status: number; body: Body; headers: Headers }> {
  const answer = await analytics.fetch(new Request(`http://test${path}`, init));
  const text = await answer.text();
  return { status: answer.status, body: JSON.parse(text || '{}'), headers: answer.headers };
}

describe('GET /api/outcomes', () => {
  test('answers rows, a total and no cursor on the last page', async () => {
    const { status, body } = await get('/api/outcomes/?user_id=user-3&until=2026-01-01');
    expect(status).toBe(200);
    expect(body.total).toBe(2);
    expect(body.next).toBeNull();
    expect(body.results[1]).toEqual({
      auction_id: idOf(3),
      request_id: 'req-3',
      time: '2025-12-17T19:33:20.003Z',
      publisher_id: 'demo',
      source: 'openrtb',
      imp_id: '1',
      media_type: 'banner',
      tagid: 'top',
      site_domain: 'news.example.com',
      user_id: 'user-3',
      country: 'DEU',
      test: false,
      win_status: 'won',
      seat: 'acme',
      group: 'house',
      campaign: 'camp-1',
      creative: 'cre-1',
      floor: 0.2,
      bid_price: 2.1,
      price: 1.51,
      currency: 'USD',
      bids: 2,
      eligible: 2,
      enriched: true,
      closed_by: 'all_answered',
      answer_ms: 4,
      trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
    });
    expect(body.results[0]).toMatchObject({ imp_id: '2', win_status: 'no_bid', price: null });
  });

  test('leads through all pages', async () => {
    const seen: string[] = [];
    let path = '/api/outcomes?limit=5&until=2026-01-01';
    for (let pages = 0; pages < 5; pages++) {
      const { body } = await get(path);
      expect(body.total).toBe(13);
      seen.push(...body.results.map((row) => `${row.auction_id}/${row.imp_id}`));
      if (body.next === null) break;
      path = `/api/outcomes?limit=5&until=2026-01-01&cursor=${body.next}`;
    }
    expect(seen).toHaveLength(13);
    expect(new Set(seen).size).toBe(13);
    expect(seen).toEqual(seen.toSorted().reverse());
  });

  test('knows that a full page may be the last', async () => {
    const { body } = await get('/api/outcomes?limit=13&until=2026-01-01');
    expect([body.results.length, body.next]).toEqual([13, null]);
  });
});

describe('?request_id=', () => {
  const ROUTES = ['', '/stats', '/winners', '/daily_stats', '/series', '/facets', '.csv'];

  test("finds the auction of the publisher's own request, on every route", async () => {
    const found = await get('/api/outcomes?request_id=req-3&until=2026-01-01');
    expect(found.body.total).toBe(2);
    expect(found.body.results.map((row) => [row.auction_id, row.request_id])).toEqual([
      [idOf(3), 'req-3'],
      [idOf(3), 'req-3'],
    ]);
    for (const route of ROUTES) {
      const query = 'request_id=req-3&since=2025-12-17&until=2025-12-18';
      const answer = await analytics.fetch(
        new Request(`http://test/api/outcomes${route}?${query}`),
      );
      const text = await answer.text();
      expect([route, answer.status]).toEqual([route, 200]);
      expect(text).not.toContain('req-4');
    }
    const stats = await get('/api/outcomes/stats?request_id=req-3&until=2026-01-01');
    expect(stats.body).toMatchObject({ auctions: 1, impressions_offered: 2, won: 1 });
  });

  test('finds nothing where nobody asked by that id', async () => {
    expect((await get('/api/outcomes?request_id=req')).body)
      .toMatchObject({ total: 0, results: [], next: null });
  });
});

describe('GET /api/outcomes?fields=', () => {
  test('answers these fields of the same rows, in the order of the answer', async () => {
    const path = '/api/outcomes?limit=5&until=2026-01-01&sort=price';
    const whole = (await get(path)).body;
    const { body } = await get(`${path}&fields=price,time,seat`);
    expect(body.results).toEqual(
      whole.results.map(({ time, seat, price }: Record<string, unknown>) => ({
        time,
        seat,
        price,
      })),
    );
    expect(Object.keys(body.results[0]!)).toEqual(['time', 'seat', 'price']);
    expect(body.next).toBe(whole.next);
  });

  test('refuses a name that is unknown, empty or given twice', async () => {
    for (const fields of ['price,colour', 'price,', 'price,price', '']) {
      const { status, body } = await get(`/api/outcomes?fields=${fields}`);
      expect(status).toBe(400);
      expect(body).toMatchObject({ field: 'fields', value: fields });
      expect(body.allowed).toMatch(/^some of auction_id,request_id,.*,trace_id, /);
    }
  });
});

describe('GET /api/outcomes?sort=', () => {
  test('leads through all pages by a value and then by time', async () => {
    const path = '/api/outcomes?sort=answer_ms&order=asc&limit=7&until=2026-01-01';
    const first = await get(path);
    expect(first.body).toMatchObject({ total: 13, total_at_least: false });
    const second = await get(`${path}&cursor=${first.body.next}`);
    expect(second.body.next).toBeNull();
    const seen = [...first.body.results, ...second.body.results]
      .map((row) => `${row.auction_id}/${row.imp_id}`);
    expect(seen).toHaveLength(13);
    expect(seen).toEqual(seen.toSorted());
  });

  test('refuses orders it has not, and the cursor of another', async () => {
    expect((await get('/api/outcomes?sort=seat')).body)
      .toMatchObject({ field: 'sort', allowed: 'one of time, price, bid, floor, answer_ms, bids' });
    expect((await get('/api/outcomes?order=up')).body).toMatchObject({ field: 'order' });
    const { next } = (await get('/api/outcomes?sort=price&limit=2&until=2026-01-01')).body;
    for (const query of ['', 'sort=bid', 'sort=price&order=asc', 'sort=time&order=asc']) {
      const { status, body } = await get(`/api/outcomes?${query}&cursor=${next}`);
      expect([status, body.field]).toEqual([400, 'cursor']);
      expect(body.allowed).toContain('the same sort and order');
    }
  });
});

describe('GET /api/outcomes.csv', () => {
  test('has a header, every row and nothing else', async () => {
    const answer = await analytics.fetch(
      new Request('http://test/api/outcomes.csv?until=2026-01-01&user_id=user-3'),
    );
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
    expect(answer.headers.get('content-disposition')).toContain('outcomes.csv');
    const [head, ...rows] = (await answer.text()).split('\r\n');
    expect(head).toMatch(/^auction_id,request_id,time,publisher_id,/);
    expect(rows).toEqual([
      expect.stringMatching(`^${idOf(3)},req-3,2025-12-17T19:33:20.003Z,demo,openrtb,2,.*,no_bid,`),
      expect.stringMatching(`^${idOf(3)},req-3,.*,won,acme,house,camp-1,cre-1,0.2,2.1,1.51,USD,`),
      '',
    ]);
  });
});

describe('GET /api/outcomes/series and facets', () => {
  test('series has a bucket for each step, traffic or not', async () => {
    const span = 'since=2025-12-17T18:30&until=2025-12-17T21:00';
    const { body } = await get(`/api/outcomes/series/?${span}&step=hour`);
    expect(body).toMatchObject({
      since: '2025-12-17T18:30:00.000Z',
      until: '2025-12-17T21:00:00.000Z',
      step: 'hour',
    });
    expect(body.results.map((row) => [row.time, row.auctions, row.won])).toEqual([
      ['2025-12-17T18:00:00.000Z', 0, 0],
      ['2025-12-17T19:00:00.000Z', 12, 12],
      ['2025-12-17T20:00:00.000Z', 0, 0],
    ]);
    const fine = await get(`/api/outcomes/series?${span}&site_domain=news.example.com`);
    expect([fine.body.step, fine.body.results.length]).toEqual(['minute', 150]);
    expect(fine.body.results.find((row) => row.time === '2025-12-17T19:33:00.000Z'))
      .toMatchObject({ auctions: 12, impressions_offered: 13, revenue: 0.01812 });
  });

  test('series answers the fields asked for, as in the whole answer', async () => {
    const path = '/api/outcomes/series?since=2025-12-17T18:30&until=2025-12-17T21:00';
    for (const step of ['minute', 'hour', 'day']) {
      for (
        const filter of ['', '&seat=tidewater', '&win_status=won&site_domain=news.example.com']
      ) {
        const whole = (await get(`${path}&step=${step}${filter}`)).body;
        for (const names of [['time'], ['time', 'impressions_offered', 'won'], ['average_price']]) {
          const query = `${path}&step=${step}${filter}&fields=${names.toReversed()}`;
          expect((await get(query)).body.results.map((row) => Object.entries(row))).toEqual(
            whole.results.map((row) => names.map((name) => [name, row[name]])),
          );
        }
      }
    }
    expect((await get(`${path}&fields=price`)).body).toMatchObject({ field: 'fields' });
  });

  test('series chooses a step that gives at most 400 buckets, or refuses', async () => {
    const begins = ['2025-12-17', '2025-12-10', '2025-11-01', '2020-01-15'];
    const steps = begins.map(async (since) =>
      (await get(`/api/outcomes/series?since=${since}&until=2025-12-18`)).body.step
    );
    expect(await Promise.all(steps)).toEqual(['hour', 'hour', 'day', 'month']);
    for (const query of ['step=minute', 'step=week', 'since=2020-01-01&step=day', 'since=0']) {
      expect((await get(`/api/outcomes/series?${query}`)).body).toMatchObject({ field: 'step' });
    }
  });

  test('series by month begins with months, however long they are', async () => {
    for (const filter of ['', '&publisher_id=demo']) {
      const path = '/api/outcomes/series?since=2025-10-31T12:00&until=2026-01-01&step=month';
      const { body } = await get(`${path}${filter}`);
      expect(body.results.map((row) => [row.time, row.impressions_offered])).toEqual([
        ['2025-10-01T00:00:00.000Z', 0],
        ['2025-11-01T00:00:00.000Z', 0],
        ['2025-12-01T00:00:00.000Z', 13],
      ]);
    }
  });

  test('facets name what there was most of', async () => {
    const { body } = await get('/api/outcomes/facets/?until=2025-12-18');
    expect(body).toEqual({
      since: '2025-12-17T00:00:00.000Z',
      until: '2025-12-18T00:00:00.000Z',
      seats: [{ value: 'acme', count: 12 }],
      campaigns: [{ value: 'camp-1', count: 12 }],
      sites: [{ value: 'news.example.com', count: 13 }],
    });
  });
});

describe('GET /api/outcomes/stats, winners and daily_stats', () => {
  test('sum up what the filters let through', async () => {
    const { body } = await get('/api/outcomes/stats/?until=2026-01-01');
    expect(body).toEqual({
      auctions: 12,
      impressions_offered: 13,
      won: 12,
      win_rate: 0.923077,
      revenue: 0.01812,
      currency: 'USD',
      average_price: 1.51,
      average_bid: 2.1,
      enriched_share: 1,
      average_answer_ms: 4,
      p50_answer_ms: 4,
      p99_answer_ms: 4,
      since: '2025-12-17T19:33:20.000Z',
      until: '2026-01-01T00:00:00.000Z',
    });
    const nothing = await get('/api/outcomes/stats?user_id=nobody');
    expect(nothing.body).toMatchObject({ auctions: 0, win_rate: null, revenue: 0, since: null });
  });

  test('winners are won imps with a summary on the first page', async () => {
    const first = await get('/api/outcomes/winners/?limit=10&until=2026-01-01');
    expect(first.body.total).toBe(12);
    expect(first.body.summary).toEqual([{
      seat: 'acme',
      campaign: 'camp-1',
      won: 12,
      revenue: 0.01812,
      average_price: 1.51,
      average_bid: 2.1,
    }]);
    const second = await get(
      `/api/outcomes/winners?limit=10&until=2026-01-01&cursor=${first.body.next}`,
    );
    expect(second.body).toMatchObject({ total: 12, next: null, summary: null });
    expect(second.body.results).toHaveLength(2);
    expect((await get('/api/outcomes/winners?win_status=no_bid')).status).toBe(400);
  });

  test('daily_stats has a row for each day, traffic or not', async () => {
    const { body } = await get('/api/outcomes/daily_stats/?since=2025-12-16&until=2025-12-19');
    expect(body.results.map((row) => [row.day, row.auctions, row.win_rate])).toEqual([
      ['2025-12-16', 0, null],
      ['2025-12-17', 12, 0.923077],
      ['2025-12-18', 0, null],
    ]);
    expect((await get('/api/outcomes/daily_stats?since=0')).body)
      .toMatchObject({ field: 'since', allowed: 'at most 3660 days before until' });
    expect((await get('/api/outcomes/daily_stats?until=2099-12-31')).body)
      .toMatchObject({ field: 'until', allowed: 'at most 3660 days after the first with traffic' });
    expect((await get('/api/outcomes/daily_stats?until=2099-12-31&seat=nobody')).body.results)
      .toEqual([]);
  });
});

describe('GET /api/auctions/:id', () => {
  test('shows everything known, alike from memory and from the warehouse', async () => {
    const id = recentId(20);
    const { status, body } = await get(`/api/auctions/${id}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      auction_id: id,
      status: 'closed',
      imps: [{ price: 1.51, win_status: 'won' }],
      outcome: {
        auctionId: id,
        imps: [{ impid: '1', winner: { adm: expect.stringContaining('ad'), dur: 15 } }],
      },
      details: {
        request: { id: 'req-20' },
        fates: [{ status: 'won', rule: 'The only bid: it pays the floor' }],
        profile: { locale: 'de-DE' },
        missing: ['partners'],
        salt: { day: '2025-12-17', salt: 'ab'.repeat(32) },
      },
      events: [],
    });
    const other = createAnalytics({
      ...surroundings(),
      bus,
      warehouse: engines.warehouse,
      clock: { now: () => NOW },
      catalog: { current: catalog },
    });
    await expect.poll(async () => {
      const answer = await other.fetch(new Request(`http://test/api/auctions/${id}/`));
      return await answer.json();
    }).toEqual(body);
  });

  test('shows events, also without details', async () => {
    const { body } = await get(`/api/auctions/${idOf(5)}`);
    expect(body).toMatchObject({
      details: null,
      details_absent: 'lost',
      events: [{ kind: 'undelivered', time: '2025-12-17T19:33:20.106Z' }],
    });
  });

  test('answers 202 while it is open, 404 when unknown, 400 when it is no id', async () => {
    const open = await get(`/api/auctions/${OPEN}`);
    expect([open.status, open.headers.get('retry-after'), open.body])
      .toEqual([202, '1', { auction_id: OPEN, status: 'pending' }]);
    const unknown = await get(`/api/auctions/${idOf(5_000)}`);
    expect([unknown.status, unknown.body]).toEqual([404, {
      error: `There is no auction ${idOf(5_000)}`,
    }]);
    for (const id of ['x', idOf(1).toUpperCase(), `${idOf(1)}0`, '%27']) {
      const { status, body } = await get(`/api/auctions/${id}`);
      expect([status, body.field]).toEqual([400, 'id']);
    }
  });
});

describe('GET /api/salts', () => {
  test('shows hashes before and salts after their day', async () => {
    const { status, body } = await get('/api/salts/');
    expect(status).toBe(200);
    expect(body.results.map((row) => [row.day, row.salt !== null])).toEqual([
      ['2025-12-20', false],
      ['2025-12-19', false],
      ['2025-12-17', true],
    ]);
  });
});

describe('every route', () => {
  const PATHS = [
    '/api/outcomes',
    '/api/outcomes/stats',
    '/api/outcomes/winners',
    '/api/outcomes/daily_stats',
    '/api/outcomes/series',
    '/api/outcomes/facets',
    `/api/auctions/${idOf(1)}`,
    '/api/salts',
  ];
  for (const path of PATHS) {
    test(`refuses methods and parameters it does not know: ${path}`, async () => {
      for (const method of ['HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS']) {
        const { status, headers } = await get(path, { method });
        expect([method, status, headers.get('allow')]).toEqual([method, 405, 'GET']);
      }
      for (const query of ['nonsense=1', '__proto__=1', 'user_id']) {
        const { status, body } = await get(`${path}?${query}`);
        expect(status).toBe(400);
        expect(body).toEqual({
          error: expect.stringMatching(/^Invalid request: /),
          field: query.split('=')[0],
          value: expect.any(String),
          allowed: expect.any(String),
        });
      }
    });
  }

  test('answers what is not to be kept by a browser or a proxy', async () => {
    for (const path of [...PATHS, '/api/outcomes.csv', '/api/live']) {
      const { headers } = await analytics.fetch(new Request(`http://test${path}`));
      expect([path, headers.get('cache-control')]).toEqual([path, 'no-store']);
    }
  });

  test('answers with and without a slash at the end', async () => {
    for (const path of PATHS) {
      const [plain, slash] = [await get(path), await get(`${path}/`)];
      expect([plain.status, slash.status, slash.body]).toEqual([200, 200, plain.body]);
    }
  });

  test('answers 404 elsewhere', async () => {
    for (const path of ['/api', '/api/nothing', '/api/auctions']) {
      expect((await get(path)).status).toBe(404);
    }
  });

  test('tells the events of an auction in memory although theirs is no longer', async () => {
    const stored = async () =>
      (await engines.warehouse.query(`SELECT 1 FROM ${AD_EVENTS} WHERE partition = 1`)).length;
    // Each in a batch of its own: the second one takes the first out of memory.
    for (const [n, auctionId] of [recentId(20), idOf(7)].entries()) {
      await bus.publish('ad_events', [{ partition: 1, value: { ...undelivered(7), auctionId } }]);
      await vi.waitFor(async () => expect(await stored()).toBe(n + 1), 15_000);
    }
    const { body } = await get(`/api/auctions/${recentId(20)}`);
    expect(body.events).toEqual([{ kind: 'undelivered', time: '2025-12-17T19:33:20.108Z' }]);
  });

  test('answers 503 while the warehouse is away, and what is in memory all the same', async () => {
    away = true;
    try {
      const { status, headers, body } = await get('/api/outcomes');
      expect([status, headers.get('retry-after')]).toEqual([503, '1']);
      expect(body).toEqual({ error: 'The warehouse does not answer just now' });
      expect(errors.pop()).toBeInstanceOf(WarehouseError);
      const csv = await analytics.fetch(new Request('http://test/api/outcomes.csv'));
      expect([csv.status, await csv.json()]).toEqual([503, body]);
      expect((await get(`/api/auctions/${recentId(20)}`)).status).toBe(200);
      expect((await get(`/api/auctions/${idOf(5_000)}`)).status).toBe(503);
    } finally {
      away = false;
    }
  });

  test.each([
    [
      'too slow',
      'SELECT sleepEachRow(1) FROM numbers(2) SETTINGS max_execution_time = 0.1',
      504,
      /time/,
    ],
    [
      'too much memory',
      'SELECT groupArray(number) FROM numbers(9) SETTINGS max_memory_usage = 1',
      500,
      /memory/,
    ],
    [
      'too large',
      "SELECT repeat('x', 1000) FROM numbers(9) SETTINGS max_result_bytes = 1",
      500,
      /too large/,
    ],
    [
      'wrong',
      'SELECT nothing FROM numbers(1)',
      500,
      /^The warehouse refuses the question: Code: 47\. DB::Exception: .*`nothing`$/,
    ],
  ])('says why the warehouse refuses a question that is %s', async (_name, sql, code, words) => {
    asked = sql;
    try {
      const { status, headers, body } = await get('/api/outcomes/stats');
      expect([status, body, headers.has('retry-after')]).toEqual([
        code,
        { error: expect.stringMatching(words) },
        false,
      ]);
      expect(errors.pop()).toBeInstanceOf(WarehouseError);
    } finally {
      asked = undefined;
    }
  });
});
