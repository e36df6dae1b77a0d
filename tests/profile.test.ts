/** The bidder's look-up and the profile stage, over real gRPC. */
import { createProfileLookup, type LookupResult } from '../services/bidding/profile-lookup.ts';
import { createRemoteProfileClient } from '../services/bidding/profile-channel.ts';
import { createProfile } from '../services/profile/app.ts';
import { heldStore } from '../services/profile/test-store.ts';
import { demoProfiles, demoUserId } from '#shared/demo/profiles.ts';
import { ProfileServiceDefinition } from '#proto/profile.ts';
import { createLog } from '#shared/log.ts';
import { createMetrics } from '#shared/metrics.ts';
import { systemClock } from '#shared/service.ts';
import { createSqliteStore } from '#shared/store/sqlite.ts';
import { createServer } from 'nice-grpc';
import { afterEach, describe, expect, it, vi } from 'vitest';

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** ms; ample, so that a busy machine's delays are not taken for a slow service. */
const BUDGET_MS_MAX = 5_000;

async function scene() {
  const memory = createSqliteStore({ path: ':memory:' });
  closers.push(() => memory.close());
  const held = heldStore(memory);
  const metrics = createMetrics();
  const startService = async (port: number) => {
    const stage = createProfile({
      store: held.store,
      host: '127.0.0.1',
      port,
      log: createLog('silent'),
      metrics: port === 0 ? metrics : createMetrics(),
      demoData: true,
    });
    await stage.start();
    closers.push(() => stage.close());
    return stage;
  };
  const stage = await startService(0);
  const client = createRemoteProfileClient(`127.0.0.1:${stage.port}`);
  closers.push(() => client.close());
  // Fake steps on top of the real time, for the breaker.
  const clock = { aheadMs: 0, now: () => systemClock.now() + clock.aheadMs };
  const lookup = createProfileLookup({
    client,
    clock,
    metrics: createMetrics(),
    budgetMsMax: BUDGET_MS_MAX,
  });
  const ask = (...userIds: string[]): Promise<LookupResult> =>
    lookup(userIds, clock.now() + 2 * BUDGET_MS_MAX);
  /** For the breaker every try comes a second after the last. */
  const found = () =>
    vi.waitFor(async () => {
      clock.aheadMs += 1_000;
      const result = await ask('user-001');
      if (result.kind !== 'found') throw new Error(`the look-up failed: ${result.reason}`);
      return result;
    }, { timeout: 10_000, interval: 20 });
  return { stage, client, clock, lookup, held, ask, found, metrics, startService };
}

describe('the profile look-up over gRPC', () => {
  it('finds profiles, and an impossible id among them does no harm', async () => {
    const { ask, found } = await scene();
    await found();
    const result = await ask(
      'user-002',
      '',
      'x'.repeat(500),
      'a\nb',
      '\udfff',
      'nobody',
      'user-200',
    );
    expect(result.kind === 'found' && [...result.profiles.keys()]).toEqual([
      'user-002',
      'user-200',
    ]);
  });

  it('fetches 1,100 users in three calls', async () => {
    const { client, ask, found } = await scene();
    const profiles = [...demoProfiles(1_100, 3, systemClock.now())];
    await client.putProfiles({ profiles: profiles.slice(0, 1_000) });
    await client.putProfiles({ profiles: profiles.slice(1_000) });
    await found();
    const userIds = profiles.map(({ userId }) => userId);
    const result = await ask(...userIds);
    expect(result.kind === 'found' && [...result.profiles.values()]).toEqual(profiles);
  });

  it('asks in one call as long as the service is there, and in the next when it is back', async () => {
    const { ask, found, stage, held, metrics, startService } = await scene();
    await found();
    for (let n = 1; n <= 20; n++) {
      const result = await ask(demoUserId(n), demoUserId(n + 1));
      expect(result.kind === 'found' && result.profiles.size).toBe(2);
    }
    const { text } = await metrics.render();
    expect(text).toContain('helios_profile_calls_total{method="LookUpProfiles",code="OK"} 21\n');
    expect(text).toContain('helios_profile_calls_total{method="BatchGetProfiles",code="OK"} 0\n');
    // The service stops, and has answered what it had read before.
    const waits = held.hold();
    const asked = ask(demoUserId(100));
    await waits;
    const closed = stage.close();
    held.release();
    expect((await asked).kind).toBe('found');
    await closed;
    await startService(stage.port);
    await found();
  });

  it('asks a service of before there were such calls one by one', async () => {
    const { methods } = ProfileServiceDefinition;
    const { getProfile, batchGetProfiles } = methods;
    const older = createServer();
    older.add({ ...ProfileServiceDefinition, methods: { getProfile, batchGetProfiles } }, {
      getProfile: ({ userId }) => Promise.resolve({ userId }),
      batchGetProfiles: ({ userIds }) =>
        Promise.resolve({ profiles: userIds.map((userId) => ({ userId })) }),
    });
    const port = await older.listen('127.0.0.1:0');
    closers.push(() => older.forceShutdown());
    const client = createRemoteProfileClient(`127.0.0.1:${port}`);
    closers.push(() => client.close());
    for (const userId of ['anna', 'ben']) {
      const { profiles } = await client.batchGetProfiles({ userIds: [userId] });
      expect(profiles.map((profile) => profile.userId)).toEqual([userId]);
    }
  });

  it('says timeout when the service is slow', async () => {
    const { lookup, clock, found, held } = await scene();
    await found();
    void held.hold();
    const result = await lookup([demoUserId(9)], clock.now() + 100);
    expect(result).toEqual({ kind: 'failed', reason: 'timeout' });
    held.release();
  });

  it('says unavailable when the service is gone, and finds again when it is back', async () => {
    const { ask, found, stage, startService } = await scene();
    await found();
    await stage.close();
    for (let i = 0; i < 5; i++) {
      expect(await ask('user-001')).toEqual({ kind: 'failed', reason: 'unavailable' });
    }
    await startService(stage.port);
    const { profiles } = await found();
    expect(profiles.get('user-001')?.userId).toBe('user-001');
  });

  it('says unavailable when there never was a service', async () => {
    const client = createRemoteProfileClient('127.0.0.1:1');
    closers.push(() => client.close());
    const lookup = createProfileLookup({ client, clock: systemClock, metrics: createMetrics() });
    const result = await vi.waitFor(async () => {
      const result = await lookup(['user-001'], systemClock.now() + 10_000);
      expect(result).toEqual({ kind: 'failed', reason: 'unavailable' });
      return result;
    });
    expect(result.kind).toBe('failed');
  });
});
