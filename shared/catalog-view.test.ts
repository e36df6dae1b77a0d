import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Bus } from './bus/bus.ts';
import { createEmbeddedBus } from './bus/embedded.ts';
import { followCatalog } from './catalog-view.ts';
import type { ConfigChange } from './model/catalog.ts';

const failures: unknown[] = [];
const onError = (error: unknown): void => void failures.push(error);
let bus: Bus;
beforeEach(async () => {
  bus = await createEmbeddedBus({ partitions: 1, onError });
});
afterEach(async () => {
  await bus.close();
  expect(failures.splice(0)).toEqual([]);
});

const change: ConfigChange = {
  v: 1,
  at: 1,
  actor: 't',
  kind: 'publisher',
  id: 'p',
  value: { id: 'p', name: 'P', active: true, demo: false },
};

test('publish() resolves to whoever made the same change at the same time', async () => {
  const catalog = await followCatalog(bus, onError);
  await Promise.all([catalog.publish([change]), catalog.publish([change, change])]);
  expect(catalog.current.publisher.get('p')).toMatchObject({ name: 'P' });
  await catalog.close();
});

test('publish() rejects with what the bus says, and the next one resolves', async () => {
  const catalog = await followCatalog(bus, onError);
  const { publish } = bus;
  bus.publish = () => Promise.reject(new Error('The bus is away'));
  const refused = expect(catalog.publish([change])).rejects.toThrow('The bus is away');
  bus.publish = publish;
  await refused;
  await catalog.publish([change]);
  await catalog.close();
});
