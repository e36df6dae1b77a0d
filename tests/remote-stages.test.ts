/** Analytics and pages in a process of their own, behind a gateway in another. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { get } from 'node:https';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket as Client } from 'ws';
import { freePorts } from '../scripts/engines/free-ports.ts';
import {
  type ExchangeProcess,
  removeDataDir,
  startExchange,
  temporaryDataDir,
} from './exchange-process.ts';

const ADMIN_KEY = 'an-admin-key-of-24-characters-or-more';
/** Any address of this machine, so that the stages' door asks for the key. */
const env = { HOST: '0.0.0.0', ADMIN_KEY };

let stages: ExchangeProcess;
let gateway: ExchangeProcess;
beforeAll(async () => {
  stages = await startExchange({ stages: ['analytics', 'web'], env });
  gateway = await startExchange({
    stages: ['gateway', 'bidding', 'auction', 'profile'],
    env: { ADMIN_KEY, ANALYTICS_URL: stages.url, WEB_URL: stages.url },
  });
});
afterAll(async () => {
  for (const one of [gateway, stages]) {
    await one.stop();
    await removeDataDir(one.dataDir);
  }
});

test('the gateway answers for both, and their own door asks for the key', async () => {
  const stats = await fetch(`${gateway.url}/api/outcomes/stats/`);
  expect([stats.status, await stats.json()]).toEqual([200, expect.objectContaining({ won: 0 })]);
  expect((await fetch(`${stages.url}/api/outcomes/stats/`)).status).toBe(401);
  expect((await fetch(`${gateway.url}/api/nothing`)).status).toBe(404);
  expect((await fetch(`${gateway.url}/api/salts`, { method: 'DELETE' })).status).toBe(405);
});

test('pages come with their data and their files packed', async () => {
  const page = await fetch(gateway.url);
  expect([page.status, page.headers.get('content-type')]).toEqual([
    200,
    expect.stringContaining('text/html'),
  ]);
  const html = await page.text();
  expect(['Auctions as they close', stages.url].map((text) => html.includes(text))).toEqual([
    true,
    false,
  ]);
  const script = /\/_build\/[^"']+\.js/.exec(html)![0];
  const file = await fetch(gateway.url + script, { headers: { 'accept-encoding': 'br' } });
  expect([file.status, file.headers.get('content-encoding')]).toEqual([200, 'br']);
});

test('the live feed comes through the gateway, which decides who may see it', async () => {
  const at = `${gateway.url.replace('http', 'ws')}/live`;
  const viewer = new WebSocket(at);
  const frame = new Promise<string>((resolve) => viewer.onmessage = ({ data }) => resolve(data));
  await new Promise((resolve) => viewer.onopen = resolve);
  viewer.send('{"op":"subscribe","topic":"totals"}');
  expect(JSON.parse(await frame)).toMatchObject({ topic: 'totals', kind: 'snapshot' });
  const closed = new Promise<number>((resolve) => viewer.onclose = ({ code }) => resolve(code));
  viewer.close(4000);
  expect(await closed).toBe(4000);

  for (
    const [url, origin, status] of [
      [at, 'http://evil.example', 403],
      [`${stages.url.replace('http', 'ws')}/live`, stages.url, 401],
    ] as const
  ) {
    const stranger = new Client(url, { headers: { origin } });
    stranger.on('error', () => {});
    const [, response] = await once(stranger, 'unexpected-response');
    expect(response.statusCode).toBe(status);
    stranger.terminate();
  }
});

test('a viewer is sent back when the stage ends, and finds it again', async () => {
  const [port] = await freePorts(1);
  const dataDir = await temporaryDataDir();
  const start = (): Promise<ExchangeProcess> =>
    startExchange({ dataDir, stages: ['analytics'], env: { PORT: String(port) } });
  const first = await start();
  const relay = await startExchange({
    stages: ['gateway', 'bidding', 'auction', 'profile'],
    env: { ANALYTICS_URL: first.url },
  });
  const at = `${relay.url.replace('http', 'ws')}/live`;
  const codeOf = (viewer: Client): Promise<number> =>
    once(viewer, 'close').then(([code]) => code as number);
  const viewer = new Client(at);
  await once(viewer, 'open');
  viewer.send('{"op":"subscribe","topic":"totals"}');
  await once(viewer, 'message');
  const ended = codeOf(viewer);
  await first.stop('SIGKILL');
  expect(await ended).toBe(1012);
  expect(await codeOf(new Client(at))).toBe(1013);
  const second = await start();
  const again = new Client(at);
  await once(again, 'open');
  again.send('{"op":"subscribe","topic":"totals"}');
  await once(again, 'message');
  again.terminate();
  await relay.stop();
  await second.stop();
  await removeDataDir(dataDir);
  await removeDataDir(relay.dataDir);
});

test('stages may be behind TLS, by a certificate of an authority of our own', async () => {
  const pem = (name: string): string =>
    fileURLToPath(new URL(`tls/localhost-${name}.pem`, import.meta.url));
  const ca = pem('cert');
  const secure = await startExchange({
    stages: ['analytics'],
    env: { TLS_CERT_FILE: ca, TLS_KEY_FILE: pem('key') },
    isReady: (url) =>
      new Promise((resolve) => {
        const options = { ca: readFileSync(ca, 'utf8') };
        get(url.replace('http:', 'https:'), options, (answer) => {
          answer.resume();
          resolve(answer.statusCode === 200);
        }).on('error', () => resolve(false));
      }),
  });
  const origin = secure.url.replace('http://127.0.0.1', 'https://localhost');
  const relay = await startExchange({
    stages: ['gateway', 'bidding', 'auction', 'profile'],
    env: { ANALYTICS_URL: origin, TLS_CA_FILE: ca },
  });
  expect((await fetch(`${relay.url}/api/outcomes/stats/`)).status).toBe(200);
  const viewer = new Client(`${relay.url.replace('http', 'ws')}/live`);
  await once(viewer, 'open');
  viewer.send('{"op":"subscribe","topic":"totals"}');
  await once(viewer, 'message');
  viewer.terminate();
  for (const one of [relay, secure]) {
    await one.stop();
    await removeDataDir(one.dataDir);
  }
});

test('a gateway whose stages are away says which, and bids go on', async () => {
  const [port] = await freePorts(1);
  const dataDir = await temporaryDataDir();
  const alone = await startExchange({
    dataDir,
    stages: ['gateway', 'bidding', 'auction', 'profile'],
    env: { ANALYTICS_URL: `http://127.0.0.1:${port}` },
  });
  const away = await fetch(`${alone.url}/api/outcomes/`);
  expect([away.status, await away.json()]).toEqual([
    503,
    { error: expect.stringContaining('The analytics stage does not answer') },
  ]);
  expect((await fetch(alone.url)).status).toBe(404);
  const bid = (key: string): Promise<Response> =>
    fetch(`${alone.url}/bid`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body: '{"user_id":"user-001","site":{"domain":"example.com"}}',
    });
  expect((await bid('one')).status).toBe(200);
  await alone.stop();
  await removeDataDir(dataDir);
});
