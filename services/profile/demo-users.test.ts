import { DEMO_PROFILES } from '#shared/demo/profiles.ts';
import { createLog } from '#shared/log.ts';
import { createMetrics } from '#shared/metrics.ts';
import { systemClock } from '#shared/service.ts';
import { createSqliteStore } from '#shared/store/sqlite.ts';
import { type Store, StoreError } from '#shared/store/store.ts';
import { afterEach, expect, it, vi } from 'vitest';
import { DemoUsers } from './demo-users.ts';
import { createProfileService } from './profile-service.ts';
import { lateStore } from './test-store.ts';

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function demoUsers(late: (store: Store) => Store, retryMs = 1) {
  const store = createSqliteStore({ path: ':memory:' });
  const seen = late(store);
  const service = createProfileService({
    store: seen,
    clock: systemClock,
    metrics: createMetrics(),
  });
  const log = createLog('silent');
  const users = new DemoUsers({ store: seen, service, clock: systemClock, log, retryMs });
  closers.push(() => store.close(), () => users.close());
  return { users, store };
}

it.each(['countProfiles', 'putProfiles'] as const)(
  'load() comes back to a store that is away at %s',
  async (method) => {
    const { users, store } = demoUsers((store) => lateStore(store, method, 3));
    await users.load();
    expect(await store.countProfiles()).toBe(0);
    await vi.waitFor(async () => expect(await store.countProfiles()).toBe(DEMO_PROFILES), 60_000);
  },
);

it('load() rejects when waiting does not help', async () => {
  const { users, store } = demoUsers((store) => store);
  await store.close();
  await expect(users.load()).rejects.toThrow(StoreError);
});

it('close() ends the waiting', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    const { users } = demoUsers((store) => lateStore(store, 'countProfiles', Infinity));
    await users.load();
    expect(vi.getTimerCount()).toBe(1);
    users.close();
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});
