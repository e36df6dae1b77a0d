import { describe, expect, test } from 'vitest';
import { emptyCatalog } from '#shared/model/catalog.ts';
import { foreignRequest, hashSecret, identify, publisherOf } from './access.ts';

const SECRET = 'abcdefghijklmnopqrstuvwxyzABCDEF';
const KEY = `hk_k1_${SECRET}`;
const ADMIN_KEY = 'a-long-admin-secret-of-this-test';

function rules(loopback: boolean) {
  const catalog = emptyCatalog();
  catalog.publisher.set('pub', { id: 'pub', name: 'Pub', active: true, demo: false });
  catalog.publisher.set('demo', { id: 'demo', name: 'Demo', active: true, demo: true });
  catalog.key.set('k1', {
    id: 'k1',
    role: 'publisher',
    owner: 'pub',
    name: 'Pub',
    hash: hashSecret(SECRET),
  });
  catalog.key.set('k2', {
    id: 'k2',
    role: 'admin',
    owner: '',
    name: 'Ops',
    hash: hashSecret(SECRET),
  });
  return { loopback, adminKey: ADMIN_KEY, catalog };
}

describe('identify()', () => {
  test('lets a loopback caller in without a key, and nobody else', () => {
    expect(identify(new Headers(), rules(true))).toEqual({ ok: true, caller: { role: 'admin' } });
    expect(identify(new Headers(), rules(false))).toMatchObject({ ok: false, status: 401 });
  });

  test.each([
    ['bearer', { authorization: `Bearer ${KEY}` }],
    ['header', { 'x-api-key': KEY }],
    ['basic', { authorization: `Basic ${btoa(`anyone:${KEY}`)}` }],
  ])('knows a publisher by its key as %s', (_name, headers) => {
    const caller = { role: 'publisher', publisherId: 'pub' };
    expect(identify(new Headers(headers), rules(false))).toEqual({ ok: true, caller });
  });

  test.each([
    ['admin key of the settings', ADMIN_KEY],
    ['admin key of the catalog', `hk_k2_${SECRET}`],
  ])('knows the %s', (_name, key) => {
    expect(identify(new Headers({ 'x-api-key': key }), rules(false))).toEqual({
      ok: true,
      caller: { role: 'admin' },
    });
  });

  test.each<Record<string, string>>([
    { authorization: 'Bearer one of several words' },
    { authorization: `Basic ${btoa('anyone:one of several words')}` },
    { 'x-api-key': 'one of several words' },
  ])('knows an admin key with spaces in it: %j', (headers) => {
    const words = { ...rules(false), adminKey: 'one of several words' };
    expect(identify(new Headers(headers), words)).toMatchObject({ ok: true });
    const other = { authorization: 'Bearer one of several' };
    expect(identify(new Headers(other), words)).toMatchObject({ ok: false });
  });

  test.each([
    ['a wrong secret', `hk_k1_${SECRET.toLowerCase()}`],
    ['an unknown id', `hk_k9_${SECRET}`],
    ['no key at all', 'nonsense'],
    ['an empty key', ''],
    ['a prototype name', `hk_constructor_${SECRET}`],
  ])('refuses %s, on loopback too', (_name, key) => {
    for (const loopback of [true, false]) {
      expect(identify(new Headers({ 'x-api-key': key }), rules(loopback))).toMatchObject({
        ok: false,
        status: 401,
      });
    }
  });

  test('refuses another scheme instead of taking the request for one without a key', () => {
    expect(identify(new Headers({ authorization: 'Digest x' }), rules(true))).toMatchObject({
      status: 401,
    });
  });

  test('refuses the key of a publisher that is not active', () => {
    const inactive = rules(false);
    inactive.catalog.publisher.get('pub')!.active = false;
    expect(identify(new Headers({ 'x-api-key': KEY }), inactive)).toMatchObject({
      ok: false,
      status: 403,
    });
  });
});

describe('publisherOf()', () => {
  test('counts requests without a key for the demo publisher', () => {
    const { catalog } = rules(true);
    expect(publisherOf({ role: 'admin' }, catalog)).toBe('demo');
    expect(publisherOf({ role: 'publisher', publisherId: 'pub' }, catalog)).toBe('pub');
    catalog.publisher.get('demo')!.active = false;
    expect(publisherOf({ role: 'admin' }, catalog)).toBeUndefined();
    catalog.publisher.delete('demo');
    expect(publisherOf({ role: 'admin' }, catalog)).toBeUndefined();
  });
});

describe('foreignRequest()', () => {
  test.each(['localhost:8080', '127.0.0.1:8080', '127.0.0.1', '[::1]:8080'])(
    'allows Host %s on loopback',
    (host) => {
      expect(foreignRequest(new Headers({ host }), true)).toBeUndefined();
    },
  );

  test.each(['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example:8080', ''])(
    'refuses Host %j on loopback',
    (host) => expect(foreignRequest(new Headers({ host }), true)).toContain('Host'),
  );

  test('refuses a page of another origin', () => {
    const headers = (origin: string) => new Headers({ host: 'localhost:8080', origin });
    expect(foreignRequest(headers('http://localhost:8080'), true)).toBeUndefined();
    expect(foreignRequest(headers('http://evil.example'), true)).toContain('Origin');
    expect(foreignRequest(headers('null'), true)).toContain('Origin');
    expect(foreignRequest(headers('http://localhost:3000'), true)).toContain('Origin');
  });
});
