import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Bus } from '#shared/bus/bus.ts';
import { createEmbeddedBus } from '#shared/bus/embedded.ts';
import { type CatalogView, followCatalog } from '#shared/catalog-view.ts';
import { demoCatalog } from '#shared/demo/catalog.ts';
import { createLog } from '#shared/log.ts';
import type { ConfigChange } from '#shared/model/catalog.ts';
import { adminRoutes } from './admin.ts';

const NOW_MS = Date.UTC(2026, 10, 22);
const BIDDER = { name: 'Acme', group: 'house', active: true };

let bus: Bus;
let catalog: CatalogView;
let ask: (method: string, path: string, body?: unknown) => Promise<Response>;
const failures: unknown[] = [];

beforeEach(async () => {
  bus = await createEmbeddedBus({ partitions: 1, onError: (error) => failures.push(error) });
  catalog = await followCatalog(bus, (error) => failures.push(error));
  await catalog.publish(demoCatalog(NOW_MS));
  const app = adminRoutes({ catalog, clock: { now: () => NOW_MS }, log: createLog('silent') });
  const headers = { 'content-type': 'application/json' };
  ask = async (method, path, body) =>
    await app.request(path, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
});
afterEach(async () => {
  await catalog.close();
  await bus.close();
  expect(failures.splice(0)).toEqual([]);
});

describe('adminRoutes()', () => {
  test('lists the kinds with their addresses', async () => {
    const answer = await ask('GET', '/');
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual([
      { kind: 'bidder', address: '/admin/bidder', count: 4 },
      { kind: 'campaign', address: '/admin/campaign', count: 16 },
      { kind: 'creative', address: '/admin/creative', count: catalog.current.creative.size },
      { kind: 'publisher', address: '/admin/publisher', count: 9 },
      { kind: 'key', address: '/admin/key', count: 0 },
    ]);
  });

  test('makes a version of what is put, and removes what is deleted', async () => {
    expect((await ask('PUT', '/bidder/acme', BIDDER)).status).toBe(200);
    expect(await (await ask('GET', '/bidder/acme')).json()).toEqual({ id: 'acme', ...BIDDER });
    expect((await ask('DELETE', '/bidder/acme')).status).toBe(204);
    expect((await ask('GET', '/bidder/acme')).status).toBe(404);
    expect((await ask('DELETE', '/bidder/acme')).status).toBe(404);
  });

  test('refuses with the first error on top, all of them below, and changes nothing', async () => {
    const { version } = catalog.current;
    const answer = await ask('PUT', '/bidder/bad%20id%2F', { ...BIDDER, budget: 5 });
    expect(answer.status).toBe(400);
    const allowed = '1 to 64 letters, digits, ".", "_" or "-", a letter or digit first';
    expect(await answer.json()).toMatchObject({
      error: `Invalid request: id: allowed is ${allowed}. It is the end of the address`,
      path: 'id',
      value: 'bad id/',
      allowed,
      findings: [{ path: 'id' }, {
        path: 'budget',
        value: 5,
        allowed: 'a field of bidder: name, group, active',
        section: 'house',
        severity: 'error',
      }],
    });
    expect(catalog.current.version).toBe(version);
  });

  test('what came in before there were rules folds, is read, changed and deleted', async () => {
    const value = { id: 'bad id/', name: '', group: 'house', active: true };
    const old: ConfigChange = { v: 1, at: 0, actor: 'admin', kind: 'bidder', id: value.id, value };
    await catalog.publish([old]);
    const path = '/bidder/bad%20id%2F';
    expect(await (await ask('GET', path)).json()).toEqual(value);
    expect((await ask('PUT', path, { ...value, name: 'Old', active: false })).status).toBe(200);
    expect((await ask('DELETE', path)).status).toBe(204);
  });

  // As docs/operations.md has it: a compacted topic may hold a bidder behind its campaigns.
  test('takes the newest versions back where what is named goes first', async () => {
    const demo = demoCatalog(NOW_MS);
    const bidder = demo.find(({ kind }) => kind === 'bidder')!;
    const compacted = [...demo.filter((change) => change !== bidder), bidder];
    for (const { kind, id } of demo) await ask('DELETE', `/${kind}/${id}`);
    const back = async (changes: ConfigChange[]): Promise<number[]> => {
      const statuses = [];
      for (const { kind, id, value } of changes) {
        statuses.push((await ask('PUT', `/${kind}/${id}`, value)).status);
      }
      return [...new Set(statuses)].sort();
    };
    expect(await back(compacted)).toEqual([200, 400]);
    const place = ({ kind }: ConfigChange): number =>
      ['bidder', 'publisher', 'campaign', 'key', 'creative'].indexOf(kind);
    expect(await back(compacted.toSorted((a, b) => place(a) - place(b)))).toEqual([200]);
  });

  test('says why a change is not stored for certain', async () => {
    bus.publish = () => Promise.reject(new Error('Kafka is away'));
    for (const [method, body] of [['PUT', BIDDER], ['DELETE', undefined]] as const) {
      const answer = await ask(method, '/bidder/atlas', body);
      expect([answer.status, await answer.json()]).toEqual([503, {
        error: 'The change may be lost, look before you repeat it: Kafka is away',
      }]);
    }
  });

  test('says what is allowed where a method or a kind is not', async () => {
    for (
      const [method, path, allow] of [
        ['POST', '/', 'GET'],
        ['PUT', '/bidder', 'GET'],
        ['POST', '/bidder/acme', 'GET, PUT, DELETE'],
      ] as const
    ) {
      const answer = await ask(method, path, BIDDER);
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, allow]);
    }
    expect(await (await ask('GET', '/bidder/acme/more')).json()).toEqual({
      error: 'There is nothing here: GET /admin lists the kinds',
    });
    expect(await (await ask('PUT', '/salt/2026-11-22', {})).json()).toEqual({
      error: 'There is no kind "salt": allowed is bidder, campaign, creative, publisher, key',
    });
  });
});
