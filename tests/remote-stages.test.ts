/** Analytics and pages in a process of their own, behind a gateway in another. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type ExchangeProcess,
  freePorts,
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
