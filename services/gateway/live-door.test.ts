/** Who gets through the door to the live feed and to sample traffic. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Service, SocketHandlers } from '#shared/service.ts';
import type { GatewayDependencies } from './app.ts';
import { DEMO_PUBLISHER, gatewayOn, openEngines, type TestEngines } from './test-gateway.ts';

const ADMIN_KEY = 'an admin key of the test door';
const HANDLERS: SocketHandlers = { open: () => {}, message: () => {}, close: () => {} };

let engines: TestEngines;
let gateway: Service;

beforeEach(async () => {
  engines = await openEngines((error) => {
    throw error;
  });
});
afterEach(async () => {
  await gateway.close();
  await engines.close();
});

function open(changes: Partial<GatewayDependencies> = {}): void {
  gateway = gatewayOn(engines, {
    routes: { live: () => HANDLERS },
    sampleTraffic: { fetch: () => Response.json({ running: true }), close: () => {} },
    ...changes,
  });
}

function upgrade(headers: Record<string, string>, path = '/live'): unknown {
  return gateway.upgrade!(new Request(`http://localhost${path}`, { headers }));
}

const basic = (password: string): Record<string, string> => ({
  host: 'helios.example',
  origin: 'https://helios.example',
  authorization: `Basic ${btoa(`admin:${password}`)}`,
});

test.each([
  ['the page of this door', { host: 'localhost:8080', origin: 'http://localhost:8080' }],
  ['a client that is no browser', { host: '127.0.0.1:8080' }],
])('%s gets the feed on loopback', (_who, headers) => {
  open();
  expect(upgrade(headers as unknown as Record<string, string>)).toBe(HANDLERS);
});

test.each([
  ['another page', { host: 'localhost:8080', origin: 'http://evil.example' }],
  ['a page on another port', { host: 'localhost:8080', origin: 'http://localhost:3000' }],
  ['a page without an origin of its own', { host: 'localhost:8080', origin: 'null' }],
  ['a name that was bound to this machine', {
    host: 'evil.example',
    origin: 'http://evil.example',
  }],
])('%s is refused with 403', async (_who, headers) => {
  open();
  const answer = upgrade(headers);
  expect(answer).toBeInstanceOf(Response);
  expect((answer as Response).status).toBe(403);
  expect(await (answer as Response).json()).toMatchObject({ error: expect.any(String) });
});

test('beyond loopback the feed is for admins: a browser sends them as Basic', () => {
  open({ loopback: false, adminKey: ADMIN_KEY });
  expect(upgrade(basic(ADMIN_KEY))).toBe(HANDLERS);
  expect(upgrade(basic('wrong'))).toMatchObject({ status: 401 });
  expect(upgrade({ host: 'helios.example' })).toMatchObject({ status: 401 });
  const { origin: _, ...foreign } = basic(ADMIN_KEY);
  expect(upgrade({ ...foreign, origin: 'https://evil.example' })).toMatchObject({ status: 403 });
});

test('other paths have no WebSocket, and without analytics there is none at all', () => {
  open();
  expect(upgrade({ host: 'localhost' }, '/bid')).toMatchObject({ status: 404 });
  open({ routes: {} });
  expect(upgrade({ host: 'localhost' })).toMatchObject({ status: 404 });
});

test('a plain request for the feed is told that it is a WebSocket', async () => {
  open();
  const answer = await ask('/live');
  expect(answer.status).toBe(426);
  expect(answer.headers.get('upgrade')).toBe('websocket');
});

test('sample traffic is reached on loopback only, and not from other pages', async () => {
  await engines.catalog.publish([DEMO_PUBLISHER]);
  open();
  const post = { method: 'POST', body: '{"running":true}' };
  expect((await ask('/api/sample-traffic', post)).status).toBe(200);
  expect((await ask('/api/sample-traffic', post, { origin: 'http://evil.example' })).status).toBe(
    403,
  );
  open({ loopback: false, adminKey: ADMIN_KEY });
  const answer = await ask('/api/sample-traffic', post, basic(ADMIN_KEY));
  expect(answer.status).toBe(403);
  expect(await answer.json()).toMatchObject({ error: expect.stringContaining('loopback') });
});

test('sample traffic is for an exchange with a publisher that it counts for', async () => {
  open();
  for (const init of [{}, { method: 'POST', body: '{"running":true}' }]) {
    const answer = await ask('/api/sample-traffic', init);
    expect(answer.status).toBe(403);
    expect(await answer.json()).toMatchObject({ error: expect.stringContaining('demo publisher') });
  }
});

async function ask(
  path: string,
  init: RequestInit = {},
  headers: Record<string, string> = {},
): Promise<Response> {
  const all = { host: 'localhost', 'content-type': 'application/json', ...headers };
  return await gateway.fetch(new Request(`http://localhost${path}`, { ...init, headers: all }));
}
