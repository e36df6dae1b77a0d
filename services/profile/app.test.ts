import {
  type Profile,
  type ProfileServiceClient,
  ProfileServiceDefinition,
} from '#proto/profile.ts';
import { DEMO_PROFILES, demoProfiles } from '#shared/demo/profiles.ts';
import { createLog } from '#shared/log.ts';
import { createMetrics } from '#shared/metrics.ts';
import { ListenError } from '#shared/runtime/listen-error.ts';
import { createSqliteStore } from '#shared/store/sqlite.ts';
import type { Store } from '#shared/store/store.ts';
import { ClientError, createChannel, createClient, Status } from 'nice-grpc';
import { HealthDefinition } from 'nice-grpc-server-health';
import { afterEach, describe, expect, it } from 'vitest';
import { createProfile } from './app.ts';
import type { LocalClient } from './local-client.ts';
import { heldStore } from './test-store.ts';

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function memoryStore(): Store {
  const store = createSqliteStore({ path: ':memory:' });
  closers.push(() => store.close());
  return store;
}

async function started({ store = memoryStore(), demoData = false, port = 0 } = {}) {
  const metrics = createMetrics();
  const log = createLog('silent');
  const stage = createProfile({ store, host: '127.0.0.1', port, log, metrics, demoData });
  await stage.start();
  closers.push(() => stage.close());
  const channel = createChannel(`127.0.0.1:${stage.port}`);
  closers.push(() => channel.close());
  const remote: ProfileServiceClient = createClient(ProfileServiceDefinition, channel);
  const health = createClient(HealthDefinition, channel);
  return { stage, store, remote, health, metrics };
}

const NOW_MS = 1_800_000_000_000;
const many = (count: number): Profile[] => [...demoProfiles(count, 1, NOW_MS)];

describe('createProfile() over gRPC', () => {
  it('stores profiles and gives them back as they were', async () => {
    const { remote } = await started();
    const profiles = many(20);
    expect(await remote.putProfiles({ profiles })).toEqual({ stored: 20 });
    expect(await remote.getProfile({ userId: 'user-007' })).toEqual(profiles[6]);
    const userIds = ['user-003', 'nobody', 'user-001'];
    expect(await remote.batchGetProfiles({ userIds })).toEqual({
      profiles: [profiles[2], profiles[0]],
    });
  });

  it('answers a batch of 512 in one call', async () => {
    const { remote } = await started();
    const profiles = many(512);
    await remote.putProfiles({ profiles });
    const userIds = profiles.map(({ userId }) => userId).toReversed();
    const answer = await remote.batchGetProfiles({ userIds });
    expect(answer.profiles).toEqual(profiles.toReversed());
  });

  it('erases a profile, also one that was just read', async () => {
    const { remote } = await started();
    await remote.putProfiles({ profiles: many(2) });
    await remote.getProfile({ userId: 'user-001' });
    expect(await remote.deleteProfile({ userId: 'user-001' })).toEqual({ deleted: true });
    expect(await remote.deleteProfile({ userId: 'user-001' })).toEqual({ deleted: false });
    await expect(remote.getProfile({ userId: 'user-001' })).rejects.toMatchObject({
      code: Status.NOT_FOUND,
      details: 'Cannot find profile "user-001"',
    });
    const left = await remote.batchGetProfiles({ userIds: ['user-001', 'user-002'] });
    expect(left.profiles.map(({ userId }) => userId)).toEqual(['user-002']);
  });

  it('lets a caller go at its deadline, and goes on serving', async () => {
    const held = heldStore(memoryStore());
    const { remote } = await started({ store: held.store });
    await remote.putProfiles({ profiles: many(1) });
    held.hold();
    const call = remote.getProfile({ userId: 'user-001' }, { signal: AbortSignal.timeout(30) });
    await expect(call).rejects.toMatchObject({ name: 'TimeoutError' });
    held.release();
    expect((await remote.getProfile({ userId: 'user-001' })).userId).toBe('user-001');
  });

  it('survives clients that come and say good-bye', async () => {
    const { stage } = await started({ demoData: true });
    for (let i = 0; i < 100; i++) {
      const channel = createChannel(`127.0.0.1:${stage.port}`);
      const client: ProfileServiceClient = createClient(ProfileServiceDefinition, channel);
      expect((await client.getProfile({ userId: 'user-001' })).userId).toBe('user-001');
      channel.close();
    }
  });

  it('says UNAVAILABLE with the reason when the store fails', async () => {
    const { remote, store, stage } = await started();
    await store.close();
    await expect(remote.getProfile({ userId: 'a' })).rejects.toMatchObject({
      code: Status.UNAVAILABLE,
      details: 'Cannot read the store :memory:: it is closed',
    });
    await expect(stage.ready()).rejects.toThrow('Cannot read the store');
  });

  it('reports health by the store, for the server and the service', async () => {
    const { health, store } = await started();
    const service = ProfileServiceDefinition.fullName;
    const [SERVING, NOT_SERVING] = [1, 2];
    expect(await health.check({ service: '' })).toEqual({ status: SERVING });
    expect(await health.check({ service })).toEqual({ status: SERVING });
    await expect(health.check({ service: 'other' })).rejects.toMatchObject({
      code: Status.NOT_FOUND,
    });
    await store.close();
    expect(await health.check({ service })).toEqual({ status: NOT_SERVING });
  });
});

describe('createProfile() for callers in this process', () => {
  it('gives the same answers and the same errors as over gRPC', async () => {
    const { stage, remote } = await started();
    await stage.client.putProfiles({ profiles: many(3) });
    const calls: ((client: LocalClient) => Promise<unknown>)[] = [
      (client) => client.getProfile({ userId: 'user-002' }),
      (client) => client.batchGetProfiles({ userIds: ['user-001', 'x', 'user-003'] }),
      (client) => client.getProfile({ userId: 'nobody' }),
      (client) => client.getProfile({}),
      (client) => client.getProfile({ userId: 'x'.repeat(129) }),
      (client) => client.getProfile({ userId: 'a\nb' }),
      (client) => client.batchGetProfiles({ userIds: [] }),
      (client) => client.batchGetProfiles({ userIds: Array(1_001).fill('a') }),
      (client) => client.batchGetProfiles({ userIds: ['user-001', ''] }),
      (client) => client.putProfiles({}),
      (client) => client.putProfiles({ profiles: [{ userId: 'a', updatedAtMs: -1 }] }),
      (client) => client.deleteProfile({ userId: '' }),
      (client) => client.deleteProfile({ userId: 'nobody' }),
    ];
    for (const call of calls) {
      const [local, wired] = await Promise.all([
        outcome(call(stage.client)),
        outcome(call(remote)),
      ]);
      expect(local).toEqual(wired);
    }
  });

  it('honours the signal while it waits', async () => {
    const held = heldStore(memoryStore());
    const { stage } = await started({ store: held.store });
    await stage.client.putProfiles({ profiles: many(1) });
    const waits = held.hold();
    const abort = new AbortController();
    const call = stage.client.getProfile({ userId: 'user-001' }, { signal: abort.signal });
    await waits;
    abort.abort();
    await expect(call).rejects.toMatchObject({ name: 'AbortError' });
    held.release();
    const userId = 'user-001';
    expect(await stage.client.getProfile({ userId })).toMatchObject({ userId });
  });

  it('does not look at the signal when neither cache nor store make it wait', async () => {
    const { stage } = await started();
    await stage.client.putProfiles({ profiles: many(2) });
    const options = {
      get signal(): AbortSignal {
        throw new Error('the signal was read');
      },
    };
    for (const userIds of [['user-001'], ['user-001'], ['user-001'], ['user-001', 'user-002']]) {
      const { profiles } = await stage.client.batchGetProfiles({ userIds }, options);
      expect(profiles.map(({ userId }) => userId)).toEqual(userIds);
    }
  });
});

describe('createProfile()', () => {
  it('gives an empty store the demo users, again after it was emptied', async () => {
    const { store, remote } = await started({ demoData: true });
    expect(await store.countProfiles()).toBe(DEMO_PROFILES);
    expect((await remote.getProfile({ userId: 'user-001' })).interests.length).toBeGreaterThan(0);
  });

  it('leaves a store alone that holds anything, or when no demo data is wanted', async () => {
    const store = memoryStore();
    await store.putProfiles([{ userId: 'mine', bytes: new Uint8Array() }]);
    await started({ store, demoData: true });
    expect(await store.countProfiles()).toBe(1);
    const other = await started({ demoData: false });
    expect(await other.store.countProfiles()).toBe(0);
  });

  it('says in one line that the port is in use', async () => {
    const { stage } = await started();
    await expect(started({ port: stage.port })).rejects.toThrow(
      new ListenError(
        'in-use',
        `Cannot listen on 127.0.0.1:${stage.port}: the port is in use; set PROFILE_PORT to another one`,
      ),
    );
  });

  it('finishes the calls that run when it is closed', async () => {
    const held = heldStore(memoryStore());
    const { stage, remote } = await started({ store: held.store });
    await remote.putProfiles({ profiles: many(1) });
    const waits = held.hold();
    const call = remote.getProfile({ userId: 'user-001' });
    await waits;
    const closed = stage.close();
    held.release();
    expect((await call).userId).toBe('user-001');
    await closed;
    await expect(remote.getProfile({ userId: 'user-001' })).rejects.toThrow(ClientError);
  });

  it('has no HTTP', async () => {
    const { stage } = await started();
    const response = await stage.fetch(new Request('http://helios/profiles'));
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({
      error: 'Cannot answer /profiles: profiles are served by gRPC',
    });
  });

  it('counts calls by method and code', async () => {
    const { remote, metrics } = await started();
    await remote.putProfiles({ profiles: many(2) });
    await outcome(remote.getProfile({ userId: '' }));
    const { text } = await metrics.render();
    expect(text).toContain('helios_profile_calls_total{method="PutProfiles",code="OK"} 1');
    expect(text).toContain(
      'helios_profile_calls_total{method="GetProfile",code="INVALID_ARGUMENT"} 1',
    );
  });
});

/** What a caller gets, errors included. */
async function outcome(call: Promise<unknown>): Promise<unknown> {
  try {
    return { answer: await call };
  } catch (error) {
    const { name, path, code, details, message } = error as Record<string, unknown>;
    return { name, path, code, details, message };
  }
}
