import { Profile } from '#proto/profile.ts';
import { createMetrics } from '#shared/metrics.ts';
import { HISTORY_LENGTH_MAX } from '#shared/model/profile.ts';
import { createSqliteStore } from '#shared/store/sqlite.ts';
import { afterEach, describe, expect, it } from 'vitest';
import { createLocalClient } from './local-client.ts';
import { createProfileService } from './profile-service.ts';
import { heldStore } from './test-store.ts';

const NOW_MS = 1_800_000_000_000;

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

function scene() {
  const store = createSqliteStore({ path: ':memory:' });
  closers.push(() => store.close());
  const held = heldStore(store);
  const clock = { nowMs: NOW_MS, now: () => clock.nowMs };
  const service = createProfileService({ store: held.store, clock, metrics: createMetrics() });
  return { store, held, clock, service };
}

const profile = (fields: Partial<Profile>): Profile =>
  Profile.fromPartial({ userId: 'a', updatedAtMs: NOW_MS, ...fields });
const visits = (...times: number[]) =>
  times.map((atMs) => ({ category: 'news', domain: 'a.example', atMs }));

describe('ProfileService.put()', () => {
  it('keeps the newest visits, newest first', async () => {
    const { service } = scene();
    const times = Array.from({ length: 30 }, (_, i) => i + 1);
    await service.put([profile({ history: visits(...times) })]);
    const { history } = (await service.get('a')).profile;
    const newest = times.toReversed().slice(0, HISTORY_LENGTH_MAX);
    expect(history.map(({ atMs }) => atMs)).toEqual(newest);
  });

  it('stamps a profile that does not say when it was updated', async () => {
    const { service } = scene();
    await service.put([profile({ updatedAtMs: 0 })]);
    expect((await service.get('a')).profile.updatedAtMs).toBe(NOW_MS);
  });

  it.each<[Partial<Profile>, string]>([
    [
      { userId: '' },
      'profiles[0].user_id="": allowed is 1 to 128 characters, no control characters',
    ],
    [
      { userId: '\ud800' },
      'profiles[0].user_id="\\ud800": allowed is 1 to 128 characters, no control characters',
    ],
    [
      { interests: [{ category: 'news', score: 1 }, { category: 'pets', score: 1.01 }] },
      'profiles[0].interests[1].score=1.01: allowed is 0 to 1',
    ],
    [
      { interests: [{ category: 'news', score: NaN }] },
      'profiles[0].interests[0].score=NaN: allowed is 0 to 1',
    ],
    [
      { interests: [{ category: '', score: 1 }] },
      'profiles[0].interests[0].category="": allowed is a name',
    ],
    [
      { demographics: { ageRange: '', gender: 'female', country: '' } },
      'profiles[0].demographics.gender="female": allowed is M, F, O or nothing',
    ],
    [
      { demographics: { ageRange: '', gender: 'F', country: 'Germany' } },
      'profiles[0].demographics.country="Germany": allowed is three capital letters of ISO 3166-1, such as DEU, or nothing',
    ],
    [
      { history: visits(1, 1.5) },
      'profiles[0].history[1].at_ms=1.5: allowed is epoch milliseconds, a whole number',
    ],
    [
      { updatedAtMs: Infinity },
      'profiles[0].updated_at_ms=Infinity: allowed is epoch milliseconds, a whole number',
    ],
    [{ locale: 'x'.repeat(4_000) }, 'profiles[0] has 4015 bytes: allowed is 4000'],
  ])('refuses %j and stores nothing of the call', async (wrong, details) => {
    const { service, store } = scene();
    const call = service.put([profile(wrong), profile({ userId: 'good' })]);
    await expect(call).rejects.toMatchObject({ details });
    expect(await store.countProfiles()).toBe(0);
  });
});

describe('ProfileService.cached()', () => {
  it('has what was read twice, until it is written, erased or too old', async () => {
    const { service, clock } = scene();
    expect(service.cached(['a'])).toBeUndefined();
    await service.put([profile({ locale: 'de-DE' })]);
    await service.get('a');
    expect(service.cached(['a'])).toBeUndefined();
    await service.get('a');
    expect(service.cached(['a'])?.[0]?.profile.locale).toBe('de-DE');
    expect(service.cached(['a', 'b'])).toBeUndefined();

    await service.put([profile({ locale: 'fr-FR' })]);
    expect(service.cached(['a'])).toBeUndefined();
    expect((await service.get('a')).profile.locale).toBe('fr-FR');

    await service.get('a');
    expect(service.cached(['a'])).toBeDefined();
    clock.nowMs += 10_001;
    expect(service.cached(['a'])).toBeUndefined();

    await service.get('a');
    expect(service.cached(['a'])).toBeDefined();
    await service.delete('a');
    expect(service.cached(['a'])).toBeUndefined();
  });

  it('does not keep what was read while it was being erased', async () => {
    const { service, held } = scene();
    await service.put([profile({})]);
    await service.get('a');
    const waits = held.hold();
    const read = service.get('a');
    await waits;
    await service.delete('a');
    held.release();
    await read;
    expect(service.cached(['a'])).toBeUndefined();
    await expect(service.get('a')).rejects.toThrow('NOT_FOUND');
  });
});

describe('ProfileService.batchGet()', () => {
  it('keeps the order when some are at hand and some are not', async () => {
    const { service } = scene();
    await service.put(['a', 'b', 'c', 'd'].map((userId) => profile({ userId })));
    await service.batchGet(['b', 'd']);
    await service.batchGet(['b', 'd']);
    expect(service.cached(['b', 'd'])).toBeDefined();
    const found = await service.batchGet(['d', 'a', 'nobody', 'b', 'c', 'a']);
    expect(found.map((entry) => entry.profile.userId)).toEqual(['d', 'a', 'b', 'c', 'a']);
  });

  it('takes no more than a batch of users, however well they are known', async () => {
    const { service } = scene();
    const client = createLocalClient(service);
    await service.put([profile({})]);
    await service.get('a');
    await service.get('a');
    expect(service.cached(['a'])).toBeDefined();
    const userIds = new Array<string>(1_001).fill('a');
    const refusal = { details: 'user_ids has 1001 entries: allowed is 1 to 1000' };
    await expect(service.batchGet(userIds)).rejects.toMatchObject(refusal);
    await expect(client.batchGetProfiles({ userIds })).rejects.toMatchObject(refusal);
    expect(await service.batchGet(userIds.slice(1))).toHaveLength(1_000);
  });
});
