import { expect, test } from 'vitest';
import type { SocketHandlers } from '#shared/service.ts';
import { createStageDoor } from './stage-door.ts';

const KEY = 'an-admin-key-of-24-characters-or-more';
const HANDLERS: SocketHandlers = { open: () => {}, message: () => {}, close: () => {} };
const analytics = {
  fetch: (request: Request) => new Response(`analytics ${request.url}`),
  upgrade: () => HANDLERS,
};
const web = { fetch: (request: Request) => new Response(`web ${request.url}`) };
const open = { analytics, web, loopback: true, adminKey: undefined };
const guarded = { ...open, loopback: false, adminKey: KEY };

function ask(path: string, headers: Record<string, string> = {}): Request {
  return new Request(`http://localhost:8081${path}`, {
    headers: { host: 'localhost:8081', ...headers },
  });
}

async function answer(door: typeof open | typeof guarded, request: Request): Promise<string> {
  const given = await createStageDoor(door).fetch(request);
  return `${given.status} ${await given.text()}`;
}

test('each path goes to its stage', async () => {
  expect(await answer(open, ask('/api/salts?x=1'))).toBe(
    '200 analytics http://localhost:8081/api/salts?x=1',
  );
  expect(await answer(open, ask('/auctions'))).toBe('200 web http://localhost:8081/auctions');
  expect(await answer({ ...open, web: undefined as never }, ask('/'))).toMatch(/^404 .*nor web/);
  expect(await answer({ ...open, analytics: undefined as never }, ask('/api/live'))).toMatch(
    /^404 .*nor analytics/,
  );
  expect(await answer(open, ask('/live'))).toMatch(/^426 /);
});

test('pages are told the address their reader sees', async () => {
  const published = { 'x-forwarded-host': 'helios.example', 'x-forwarded-proto': 'https' };
  expect(await answer(open, ask('/auctions?a=1', published))).toBe(
    '200 web https://helios.example/auctions?a=1',
  );
  expect(await answer(open, ask('/', { 'x-forwarded-host': 'a b' }))).toBe(
    '200 web http://localhost:8081/',
  );
});

test('on loopback a foreign page does not get in', async () => {
  expect(await answer(open, ask('/', { host: 'evil.example' }))).toMatch(/^403 /);
  expect(await answer(open, ask('/', { origin: 'http://evil.example' }))).toMatch(/^403 /);
  const door = createStageDoor(open);
  expect(door.upgrade(ask('/live', { origin: 'http://evil.example' }))).toMatchObject({
    status: 403,
  });
  expect(door.upgrade(ask('/live'))).toBe(HANDLERS);
  expect(door.upgrade(ask('/else'))).toMatchObject({ status: 404 });
});

test('elsewhere only who has the key gets in', async () => {
  expect(await answer(guarded, ask('/api/live'))).toMatch(/^401 .*x-helios-stage-key/);
  expect(await answer(guarded, ask('/', { 'x-helios-stage-key': `${KEY}x` }))).toMatch(/^401 /);
  expect(await answer(guarded, ask('/', { authorization: `Bearer ${KEY}` }))).toMatch(/^401 /);
  expect(await answer(guarded, ask('/', { 'x-helios-stage-key': KEY }))).toMatch(/^200 web/);
  const door = createStageDoor(guarded);
  expect(door.upgrade(ask('/live'))).toMatchObject({ status: 401 });
  expect(door.upgrade(ask('/live', { 'x-helios-stage-key': KEY }))).toBe(HANDLERS);
});
