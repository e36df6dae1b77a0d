import { Buffer } from 'node:buffer';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ClickHouseClient,
  ClickHouseError,
  ClickHouseLogLevel,
  createClient,
} from '@clickhouse/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLog } from '#shared/log.ts';
import { listen } from '#shared/runtime/http-server.ts';
import type { Service } from '#shared/service.ts';
import { createChdbWarehouse } from '#shared/warehouse/chdb.ts';
import { createTables } from '#shared/warehouse/tables.ts';
import { type Warehouse, WarehouseError } from '#shared/warehouse/warehouse.ts';
import { createClickhouse } from './app.ts';

const TOKEN = 'a-token-for-tests-with-32-letters';
const folder = mkdtempSync(join(tmpdir(), 'helios-sql-'));
const log = createLog('silent');
/** The client prints every refusal otherwise. */
const QUIET = { level: ClickHouseLogLevel.OFF };
let warehouse: Warehouse;
let stage: Service;
let url: string;
let client: ClickHouseClient;

beforeAll(async () => {
  warehouse = await createChdbWarehouse({ path: folder, onError: console.error });
  await createTables(warehouse);
  await warehouse.command(`CREATE TABLE helios.things (id UInt64, name String, list Array(String))
    ENGINE = MergeTree ORDER BY id`);
  let port = 0;
  stage = createClickhouse({
    warehouse,
    host: '127.0.0.1',
    port: 0,
    token: TOKEN,
    log,
    async listen(options) {
      const listener = await listen(options);
      port = listener.port;
      return listener;
    },
  });
  await stage.start();
  url = `http://127.0.0.1:${port}`;
  client = createClient({ url, password: TOKEN, database: 'helios', log: QUIET });
});
afterAll(async () => {
  await client.close();
  await stage.close();
  await warehouse.close();
  rmSync(folder, { recursive: true, force: true });
});

const ask = (path: string, init: RequestInit = {}) =>
  fetch(url + path, {
    ...init,
    headers: { 'x-clickhouse-key': TOKEN, ...init.headers as Record<string, string> },
  });
const query = (sql: string, more = '') => `/?query=${encodeURIComponent(sql)}${more}`;

describe('@clickhouse/client over HTTP', () => {
  it('pings, and selects with parameters and settings', async () => {
    expect(await client.ping()).toEqual({ success: true });
    expect(await client.ping({ select: true })).toMatchObject({ success: true });
    const result = await client.query({
      query:
        "SELECT {text:String} AS text, {list:Array(UInt8)} AS list, getSetting('max_threads') AS t",
      query_params: { text: "it's\t\\ a\nline", list: [1, 2] },
      clickhouse_settings: { max_threads: 1 },
      format: 'JSONEachRow',
    });
    expect(await result.json()).toEqual([{ text: "it's\t\\ a\nline", list: [1, 2], t: 1 }]);
  });

  it.each([['plain', false], ['gzip', true]])(
    'inserts 10,000 rows, %s, and streams them back',
    async (name, compressed) => {
      const packing = createClient({
        url,
        password: TOKEN,
        database: 'helios',
        compression: { request: compressed, response: compressed },
      });
      await packing.command({ query: 'TRUNCATE TABLE things' });
      const values = Array.from({ length: 10_000 }, (_, id) => ({ id, name, list: [`ü${id}`] }));
      await packing.insert({ table: 'things', values, format: 'JSONEachRow' });
      const result = await packing.query({
        query: 'SELECT * FROM things ORDER BY id',
        format: 'JSONEachRow',
      });
      const rows: unknown[] = [];
      for await (const part of result.stream()) rows.push(...part.map((row) => row.json()));
      expect(rows).toEqual(values);
      await packing.close();
    },
  );

  it('gives typed errors and summaries', async () => {
    const error = await client.query({ query: 'SELECT * FROM nothing' }).catch((e) => e);
    expect(error).toBeInstanceOf(ClickHouseError);
    expect(error).toMatchObject({ code: '60', type: 'UNKNOWN_TABLE' });
    await expect(client.query({
      query: 'SELECT 1',
      clickhouse_settings: { nonsense: 1 } as never,
    })).rejects.toMatchObject({ code: '115', message: expect.stringContaining('nonsense') });
    const { summary } = await client.command({ query: 'INSERT INTO things (id) VALUES (77777)' });
    expect(summary).toMatchObject({ written_rows: '1', result_rows: '0' });
  });

  it('is refused with a wrong token', async () => {
    const stranger = createClient({ url, password: 'guessed', log: QUIET });
    await expect(stranger.query({ query: 'SELECT 1' })).rejects.toMatchObject({
      code: '516',
      type: 'AUTHENTICATION_FAILED',
    });
    await stranger.close();
  });
});

describe('the endpoint', () => {
  it('answers a statement by whatever name it has', async () => {
    const answer = await ask(`/?query_id=${encodeURIComponent('Umsatz für März\n日')}`, {
      method: 'POST',
      body: 'SELECT 1',
    });
    expect([answer.status, await answer.text()]).toEqual([200, '1\n']);
    expect(answer.headers.get('x-clickhouse-query-id')).toBe('Umsatz f?r M?rz??');
  });

  it.each<[string, string, Record<string, string>]>([
    ['X-ClickHouse-Key', '', { 'x-clickhouse-user': 'anyone', 'x-clickhouse-key': TOKEN }],
    ['Basic', '', { authorization: `Basic ${Buffer.from(`default:${TOKEN}`).toString('base64')}` }],
    ['Bearer', '', { authorization: `Bearer ${TOKEN}` }],
    ['the password parameter', `&user=default&password=${TOKEN}`, {}],
  ])('takes the token as %s', async (_name, more, headers) => {
    const answer = await fetch(url + query('SELECT 1', more), { headers });
    expect([answer.status, await answer.text()]).toEqual([200, '1\n']);
  });

  it('refuses no token, a wrong one and an empty one alike', async () => {
    for (const key of [undefined, '', `${TOKEN}x`]) {
      const headers: Record<string, string> = key === undefined ? {} : { 'x-clickhouse-key': key };
      const answer = await fetch(url, { method: 'POST', body: 'SELECT 1', headers });
      expect(answer.status).toBe(401);
      expect(answer.headers.get('x-clickhouse-exception-code')).toBe('516');
      expect(await answer.text()).toMatch(
        /^Code: 516\. DB::Exception: .*\(AUTHENTICATION_FAILED\)/,
      );
    }
  });

  it('answers health checks without a token', async () => {
    for (const path of ['/', '/ping', '/replicas_status']) {
      expect(await (await fetch(url + path)).text()).toBe('Ok.\n');
    }
    expect((await fetch(`${url}/play`)).status).toBe(404);
  });

  it('takes formats, parameters and the database from the query string', async () => {
    const answer = await ask(
      query(
        'SELECT {n:UInt8} AS n, currentDatabase() AS d FORMAT JSONEachRow',
        '&param_n=7&database=helios',
      ),
    );
    expect(await answer.json()).toEqual({ n: 7, d: 'helios' });
    expect(answer.headers.get('x-clickhouse-format')).toBe('JSONEachRow');
    expect(answer.headers.get('content-type')).toBe('application/x-ndjson; charset=UTF-8');
    expect(answer.headers.get('x-clickhouse-query-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(JSON.parse(answer.headers.get('x-clickhouse-summary')!)).toMatchObject({
      result_rows: '1',
      written_rows: '0',
    });
    const csv = await ask(query('SELECT 1 AS a', '&default_format=CSVWithNames&query_id=mine'));
    expect(await csv.text()).toBe('"a"\n1\n');
    expect(csv.headers.get('x-clickhouse-query-id')).toBe('mine');
  });

  it('reads a statement from the body, and rows after one in the query string', async () => {
    const post = async (path: string, body: string) =>
      await (await ask(path, { method: 'POST', body })).text();
    expect(await post('/', 'SELECT 1 AS x FORMAT JSONEachRow')).toBe('{"x":1}\n');
    await post(query('INSERT INTO helios.things (id, name) FORMAT TSV'), '88888\tby hand\n');
    expect(await post('/?database=helios', 'SELECT name FROM things WHERE id = 88888')).toBe(
      'by hand\n',
    );
  });

  it('takes quoted text as a heredoc', async () => {
    const body = 'SELECT $x$one; two$x$ AS a, $$ FORMAT ($$ AS b FORMAT JSONEachRow';
    const answer = await ask('/', { method: 'POST', body });
    expect(await answer.json()).toEqual({ a: 'one; two', b: ' FORMAT (' });
  });

  it('changes nothing by GET', async () => {
    const answer = await ask(query('TRUNCATE TABLE helios.things'));
    expect(answer.status).toBe(403);
    expect(answer.headers.get('x-clickhouse-exception-code')).toBe('164');
    const again = await ask(query('TRUNCATE TABLE helios.things', '&readonly=0'));
    expect(again.status).toBe(403);
  });

  it.each([
    ['an unknown setting', query('SELECT 1', '&nonsense=1'), '', 404, 115],
    ['a syntax error', '/', 'SELEC', 400, 62],
    ['two statements', '/', 'SELECT 1; SELECT 2', 400, 62],
    ['nothing', '/', ' -- a comment', 400, 62],
    ['a missing parameter', '/', 'SELECT {x:String}', 400, 456],
    ["ClickHouse's own compression", '/?compress=1', 'SELECT 1', 501, 48],
  ])('answers %s with status and code', async (_name, path, body, status, code) => {
    const answer = await ask(path, { method: 'POST', body });
    expect(await answer.text()).toMatch(
      new RegExp(`^Code: ${code}\\. DB::Exception: .+\\([A-Z_]+\\)\n$`),
    );
    expect([answer.status, answer.headers.get('x-clickhouse-exception-code')]).toEqual([
      status,
      String(code),
    ]);
  });

  it('refuses bodies it cannot read', async () => {
    const post = (encoding: string, body: string) =>
      ask('/', { method: 'POST', body, headers: { 'content-encoding': encoding } });
    expect((await post('gzip', 'no gzip at all')).status).toBe(400);
    expect((await post('br', 'SELECT 1')).status).toBe(501);
    const form = new FormData();
    form.set('param_x', '1');
    const answer = await ask(query('SELECT {x:UInt8}'), { method: 'POST', body: form });
    expect([answer.status, await answer.text()]).toEqual([
      501,
      expect.stringContaining('multipart/form-data is not supported here'),
    ]);
  });

  it('packs the answer when asked', async () => {
    const sql = "SELECT repeat('x', 1000) FROM numbers(100)";
    const answer = await ask(query(sql, '&enable_http_compression=1'), {
      headers: { 'accept-encoding': 'gzip' },
    });
    expect(answer.headers.get('content-encoding')).toBe('gzip');
    expect(await answer.text()).toHaveLength(100_100);
  });
});

describe('createClickhouse()', () => {
  it('serves nobody when the exchange does not listen on loopback', async () => {
    const lines: string[] = [];
    const closed = createClickhouse({
      warehouse,
      host: undefined,
      port: 0,
      token: TOKEN,
      log: createLog('info', (line) => lines.push(line)),
      listen: () => Promise.reject(new Error('must not listen')),
    });
    await closed.start();
    await closed.ready();
    expect(lines.join()).toContain('sql_off');
    const answer = await closed.fetch(
      new Request('http://localhost/?query=SELECT+1', { headers: { 'x-clickhouse-key': TOKEN } }),
    );
    expect(answer.status).toBe(403);
    await closed.close();
  });

  it('answers 503 while the warehouse is away, and while too many statements wait', async () => {
    const pending = Promise.withResolvers<never>();
    let calls = 0;
    const away: Warehouse = {
      ...warehouse,
      raw: () =>
        ++calls === 1
          ? Promise.reject(new WarehouseError('unavailable', 'Cannot ask: away'))
          : pending.promise,
    };
    const { fetch: door } = createClickhouse({
      warehouse: away,
      host: '127.0.0.1',
      port: 0,
      token: TOKEN,
      log,
      listen,
    });
    const post = () =>
      door(
        new Request('http://localhost/', {
          method: 'POST',
          body: 'SELECT 1',
          headers: { 'x-clickhouse-key': TOKEN },
        }),
      );
    const first = await post();
    expect([first.status, await first.text()]).toEqual([
      503,
      'Code: 0. DB::Exception: Cannot ask: away\n',
    ]);
    const waiting = Array.from({ length: 20 }, post);
    const refused = await post();
    expect([refused.status, refused.headers.get('x-clickhouse-exception-code')]).toEqual([
      503,
      '202',
    ]);
    pending.reject(new WarehouseError('closed', 'Cannot use the warehouse: it is closed'));
    for (const answer of await Promise.all(waiting)) expect(answer.status).toBe(503);
  });
});
