/** Starting, failing to start, and stopping: each failure is one clear line and a non-zero exit. */
import { createServer } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, describe, expect, test } from 'vitest';
import { freePorts } from '../scripts/engines/free-ports.ts';
import {
  type ExchangeProcess,
  removeDataDir,
  runExchange,
  startExchange,
  temporaryDataDir,
} from './exchange-process.ts';

const BID = JSON.stringify({ user_id: 'user-001', site: { domain: 'example.com' } });
const folders: string[] = [];
const running: ExchangeProcess[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((exchange) => exchange.stop('SIGKILL')));
  await Promise.all(folders.splice(0).map(removeDataDir));
});

async function dataDir(): Promise<string> {
  const path = await temporaryDataDir();
  folders.push(path);
  return path;
}

async function start(options: Parameters<typeof startExchange>[0] = {}): Promise<ExchangeProcess> {
  const exchange = await startExchange({
    ...options,
    dataDir: options?.dataDir ?? await dataDir(),
  });
  running.push(exchange);
  return exchange;
}

async function refused(env: Record<string, string>, stages: string[] = []) {
  const [port, profilePort, metricsPort, sqlPort] = await freePorts(4);
  const { code, output } = await runExchange({
    stages,
    env: {
      DATA_DIR: await dataDir(),
      PORT: String(port),
      PROFILE_PORT: String(profilePort),
      METRICS_PORT: String(metricsPort),
      CLICKHOUSE_PORT: String(sqlPort),
      ...env,
    },
  });
  expect(code, output).toBe(1);
  expect(output).toMatch(/^Helios cannot start: /m);
  expect(output).not.toMatch(/^\s+at /m);
  return output;
}

function bid(url: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${url}/bid`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: BID,
  });
}

describe('a wrong setting', () => {
  test.each([
    [{ PORT: 'eighty' }, 'PORT="eighty": allowed is a port, 0 to 65535'],
    [{ HOST: 'example' }, 'HOST="example": allowed is an IP address'],
    [{ DETAIL_SAMPLE: '2' }, 'DETAIL_SAMPLE="2": allowed is a number from 0 to 1'],
    [{ HOST: '0.0.0.0' }, 'ADMIN_KEY is needed'],
    [{ TLS_CERT_FILE: 'a.pem' }, 'TLS_KEY_FILE is not set: TLS_CERT_FILE and TLS_KEY_FILE go'],
    [
      { TLS_CERT_FILE: '/none.pem', TLS_KEY_FILE: '/none.pem' },
      'TLS_CERT_FILE=/none.pem cannot be read: ENOENT',
    ],
    [{ CLICKHOUSE_URL: 'tcp://localhost:9000' }, 'CLICKHOUSE_URL="tcp://localhost:9000": allowed'],
    [
      { KAFKA_BROKERS: 'localhost' },
      'KAFKA_BROKERS="localhost": allowed is addresses as host:port',
    ],
    [{ LOCAL_TOPICS: 'auction_outcomes' }, 'LOCAL_TOPICS="auction_outcomes": allowed is bid_req'],
    [{ KAFKA_TOPIC_LIVE: 'a b' }, 'KAFKA_TOPIC_LIVE="a b": allowed is up to 240 letters'],
    [{ GATEWAY_INDEX: '2', GATEWAY_COUNT: '2' }, 'GATEWAY_INDEX="2": allowed is 0 to 1'],
  ])('%j is refused by name', async (env, line) => {
    expect(await refused(env as unknown as Record<string, string>)).toContain(line);
  });

  test('all wrong settings are named at once', async () => {
    const output = await refused({ PORT: 'x', LOG_LEVEL: 'loud' });
    expect(output).toContain('PORT=');
    expect(output).toContain('LOG_LEVEL="loud": allowed is debug, info, warn, error, silent');
  });

  test('a stage that is none, or that cannot work alone, is refused', async () => {
    expect(await refused({}, ['gatway'])).toContain('Stage gatway: allowed is gateway');
    expect(await refused({}, ['gateway'])).toContain('bidding and auction');
    const server = { CLICKHOUSE_URL: 'http://localhost:8123' };
    expect(await refused(server, ['clickhouse'])).toContain('leave out one of them');
  });
});

describe('an engine that cannot be had', () => {
  test('a port in use is named', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    for (const name of ['PORT', 'PROFILE_PORT', 'METRICS_PORT', 'CLICKHOUSE_PORT']) {
      const output = await refused({ [name]: String(port) });
      const line = `:${port}: the port is in use; set ${name} to another one\n`;
      expect(output.endsWith(line), output).toBe(true);
    }
    server.close();
  });

  test.each(['HOST', 'METRICS_HOST', 'PROFILE_HOST'])(
    'an address of another machine is named with its %s',
    async (setting) => {
      // 192.0.2.0/24 is reserved for documentation: no machine has it.
      const env = { [setting]: '192.0.2.1', ADMIN_KEY: 'a-key-of-at-least-24-characters' };
      expect(await refused(env)).toMatch(
        new RegExp(
          `192\\.0\\.2\\.1:\\d+: this machine does not have .* set ${setting} to one it has$`,
          'm',
        ),
      );
    },
  );

  test('a data directory in use by another exchange is named with its process', async () => {
    const first = await start();
    const output = await refused({ DATA_DIR: first.dataDir });
    expect(output).toContain(first.dataDir);
    expect(output).toMatch(/: it is in use by process \d+$/m);
  });

  test('a data directory that is a file, or not writable, is refused', async () => {
    const path = await dataDir();
    await writeFile(path, 'x');
    expect(await refused({ DATA_DIR: path })).toContain(`${path}: it is not a folder\n`);
    if (process.getuid?.() === 0) return; // root may write anywhere
    const closed = await dataDir();
    await mkdir(closed);
    await chmod(closed, 0o500);
    expect(await refused({ DATA_DIR: closed })).toContain(closed);
  });

  test.each(['journal.db', 'store.db'])('a corrupt %s is named', async (file) => {
    const path = await dataDir();
    const first = await startExchange({ dataDir: path });
    await first.stop();
    for (const ending of ['', '-wal', '-shm']) await rm(join(path, file + ending), { force: true });
    await writeFile(join(path, file), 'this is not a database, '.repeat(500));
    expect(await refused({ DATA_DIR: path })).toContain(file);
  });
});

describe('keys', () => {
  test('on an address others can reach every request needs one', async () => {
    const adminKey = 'an-admin-key-of-24-characters-or-more';
    const exchange = await start({ env: { HOST: '0.0.0.0', ADMIN_KEY: adminKey } });
    expect((await bid(exchange.url)).status).toBe(401);
    expect((await fetch(`${exchange.url}/api/outcomes/`)).status).toBe(401);
    expect((await fetch(exchange.url)).status).toBe(401);
    expect(exchange.output()).toContain(`gRPC ${exchange.profileAddress}`);
    expect((await bid(exchange.url, { authorization: `Bearer ${adminKey}` })).status).toBe(200);
    // Raw SQL is off there.
    await expect(fetch(exchange.sqlUrl)).rejects.toThrow();
  });
});

describe('SQL beyond loopback', () => {
  test('is there for who has the token that was set', async () => {
    const token = 'a-token-of-24-letters-or-more';
    const exchange = await start({
      stages: ['clickhouse'],
      env: { HOST: '0.0.0.0', ADMIN_KEY: 'x'.repeat(24), CLICKHOUSE_TOKEN: token },
    });
    const ask = (key: string) =>
      fetch(`${exchange.sqlUrl}/?query=SELECT+1`, { headers: { 'x-clickhouse-key': key } });
    expect(await (await ask(token)).text()).toBe('1\n');
    expect((await ask('another')).status).toBe(401);
  });
});

describe('stopping', () => {
  test('SIGTERM answers who waits, keeps what was answered, and ends with 0', async () => {
    const path = await dataDir();
    // A group that nobody hosts keeps each auction open until its deadline: all wait when the signal comes.
    const env = { BIDDING_GROUP: 'house', TMAX_DEFAULT: '3000' };
    const exchange = await start({ dataDir: path, env });
    const waiting = Array.from({ length: 20 }, () => bid(exchange.url));
    const inside = async () => (await fetch(exchange.metricsUrl)).text();
    await expect.poll(inside, { timeout: 2_500, interval: 20 }).toContain(
      'helios_waiting_requests 20',
    );
    const code = exchange.stop('SIGTERM');
    await expect.poll(async () => (await fetch(`${exchange.url}/readyz`)).status).toBe(503);
    const late = await bid(exchange.url);
    // Who comes now is sent elsewhere, and not to this process again.
    expect([late.status, late.headers.get('connection')]).toEqual([503, 'close']);
    const answers = await Promise.all(waiting);
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(await code, exchange.output()).toBe(0);

    const again = await start({ dataDir: path });
    const ids = answers.map((answer) => answer.headers.get('helios-auction-id'));
    const stored = async () => {
      const rows = await again.sql<{ auction_id: string }>(
        'SELECT auction_id FROM helios.outcomes',
      );
      return rows.map(({ auction_id }) => auction_id).sort();
    };
    await expect.poll(stored).toEqual(ids.sort());
  });

  test('SIGTERM with DRAIN_MS goes on while /readyz says no, then ends with 0', async () => {
    const exchange = await start({ env: { DRAIN_MS: '1500' } });
    const begun = Date.now();
    const code = exchange.stop('SIGTERM');
    await expect.poll(() => fetch(`${exchange.url}/readyz`).then((answer) => answer.json()))
      .toMatchObject({
        ready: false,
        stages: [{ name: 'process', ready: false, reason: expect.any(String) }],
      });
    const answer = await bid(exchange.url);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('connection')).toBe('close');
    expect(await code, exchange.output()).toBe(0);
    expect(Date.now() - begun).toBeGreaterThanOrEqual(1_500);
  });

  test('SIGTERM while an engine is waited for ends with 0, and is no failed start', async () => {
    const exchange = await start({
      env: { KAFKA_BROKERS: '127.0.0.1:1', LOG_LEVEL: 'info' },
      isReady: (url) =>
        fetch(url).then(
          async (answer) => (await answer.text()).includes('ECONNREFUSED'),
          () => false,
        ),
    });
    expect(await exchange.stop('SIGTERM'), exchange.output()).toBe(0);
    expect(exchange.output()).toContain('"start_ended"');
    expect(exchange.output()).not.toContain('cannot start');
  });

  test('SIGTERM while ClickHouse is away ends with 0', async () => {
    const token = 'a-token-that-both-processes-have';
    const clickhouse = await start({ stages: ['clickhouse'], env: { CLICKHOUSE_TOKEN: token } });
    const url = clickhouse.sqlUrl.replace('//', `//default:${token}@`);
    const exchange = await start({ env: { CLICKHOUSE_URL: `${url}/helios` } });
    await clickhouse.stop('SIGKILL');
    expect((await bid(exchange.url)).status).toBe(200);
    const waiting = async () => (await fetch(exchange.metricsUrl)).text();
    await expect.poll(waiting, { timeout: 10_000 }).toMatch(/_retries_total\{.*outcomes"\} [1-9]/);
    expect(await exchange.stop('SIGTERM'), exchange.output()).toBe(0);
  });

  test('a bidding group that hangs costs its bids and not the deadline', async () => {
    const exchange = await start({ env: { BIDDING_GROUP: 'house', TMAX_DEFAULT: '4000' } });
    const answer = await bid(exchange.url);
    expect(answer.status).toBe(200);
    const id = answer.headers.get('helios-auction-id');
    await expect.poll(async () => {
      const known = await fetch(`${exchange.url}/api/auctions/${id}`);
      return await known.json();
    }).toMatchObject({
      outcome: { closedBy: 'deadline', groupsExpected: 2, groupsAnswered: 1 },
      details: { missing: ['partners'] },
    });
  });
});

describe('what survives', () => {
  test('configuration is there after the store was deleted and the process killed', async () => {
    const path = await dataDir();
    const exchange = await start({ dataDir: path });
    const put = await fetch(`${exchange.url}/admin/publisher/acme`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'Acme News', active: true }),
    });
    expect(put.status).toBe(200);
    await exchange.stop('SIGKILL');
    for (const ending of ['', '-wal', '-shm']) {
      await rm(join(path, `store.db${ending}`), { force: true });
    }
    const again = await start({ dataDir: path });
    expect(await (await fetch(`${again.url}/admin/publisher/acme`)).json()).toMatchObject({
      name: 'Acme News',
    });
    expect((await bid(again.url)).status).toBe(200);
  });
});
