import { type BatchGetProfilesResponse, Profile } from '#proto/profile.ts';
import { createMetrics } from '#shared/metrics.ts';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createProfileLookup } from './profile-lookup.ts';

const NOW_MS = 1_800_000_000_000;
type Answer = (userIds: string[], signal: () => AbortSignal) => Promise<BatchGetProfilesResponse>;

const everybody: Answer = async (userIds) => ({
  profiles: userIds.map((userId) => Profile.fromPartial({ userId })),
});
const never: Answer = (_, signal) =>
  new Promise((_, reject) => signal().addEventListener('abort', () => reject(signal().reason)));
const broken: Answer = () => Promise.reject(new Error('UNAVAILABLE: nobody there'));

function scene(first: Answer) {
  const clock = { nowMs: NOW_MS, now: () => clock.nowMs };
  const metrics = createMetrics();
  const calls: string[][] = [];
  let answer = first;
  const lookup = createProfileLookup({
    clock,
    metrics,
    client: {
      batchGetProfiles(request, options) {
        const userIds = [...request.userIds ?? []];
        calls.push(userIds);
        return answer(userIds, () => options!.signal!);
      },
    },
  });
  return { lookup, clock, calls, metrics, answerWith: (next: Answer) => answer = next };
}
const later = (ms: number) => NOW_MS + ms;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('createProfileLookup()', () => {
  it('finds profiles by id, each asked for once, and leaves out who is unknown', async () => {
    const known = Profile.fromPartial({ userId: 'a' });
    const { lookup, calls } = scene(async () => ({ profiles: [known] }));
    expect(await lookup(['a', 'b', 'a'], later(100))).toEqual({
      kind: 'found',
      profiles: new Map([['a', known]]),
    });
    expect(calls).toEqual([['a', 'b']]);
  });

  it('sets no timer when the answer comes without a look at the signal', async () => {
    const { lookup } = scene(everybody);
    const looking = lookup(['a'], later(100));
    expect(vi.getTimerCount()).toBe(0);
    expect((await looking).kind).toBe('found');
  });

  it('asks for 512 at a time', async () => {
    const { lookup, calls } = scene(everybody);
    const userIds = Array.from({ length: 1_100 }, (_, i) => `user-${i}`);
    const result = await lookup(userIds, later(100));
    expect(calls.map((call) => call.length)).toEqual([512, 512, 76]);
    expect(result.kind === 'found' && [...result.profiles.keys()]).toEqual(userIds);
  });

  it('asks nobody about ids that cannot have a profile', async () => {
    const { lookup, calls } = scene(everybody);
    await lookup(['', 'x'.repeat(129), 'a\u0000b', '\ud800', 'good'], later(100));
    expect(await lookup([''], later(100))).toEqual({ kind: 'found', profiles: new Map() });
    expect(calls).toEqual([['good']]);
  });

  it.each([
    [1_000, 20],
    [30, 15],
  ])('with %d ms left gives up after %d ms', async (leftMs, budgetMs) => {
    const { lookup } = scene(never);
    let result: unknown;
    const looking = lookup(['a'], later(leftMs)).then((settled) => result = settled);
    await vi.advanceTimersByTimeAsync(budgetMs - 1);
    expect(result).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1);
    await looking;
    expect(result).toEqual({ kind: 'failed', reason: 'timeout' });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('asks nobody when the deadline has come', async () => {
    const { lookup, calls } = scene(everybody);
    expect(await lookup(['a'], later(1))).toEqual({ kind: 'failed', reason: 'timeout' });
    expect(await lookup(['a'], later(-5))).toEqual({ kind: 'failed', reason: 'timeout' });
    expect(calls).toEqual([]);
  });

  it('after a quarter of a second of failures asks once a second, until one succeeds', async () => {
    const { lookup, calls, clock, answerWith } = scene(broken);
    const unavailable = { kind: 'failed', reason: 'unavailable' };
    const ask = () => lookup(['a'], clock.nowMs + 100);
    for (let i = 0; i < 10; i++) expect(await ask()).toEqual(unavailable);
    expect(calls).toHaveLength(10);
    clock.nowMs += 250;
    for (let i = 0; i < 10; i++) expect(await ask()).toEqual(unavailable);
    expect(calls).toHaveLength(11);

    clock.nowMs += 1_000;
    expect(await ask()).toEqual(unavailable);
    expect(await ask()).toEqual(unavailable);
    expect(calls).toHaveLength(12);

    answerWith(everybody);
    clock.nowMs += 1_000;
    expect((await ask()).kind).toBe('found');
    expect((await ask()).kind).toBe('found');
  });

  it('gives up the other calls of a look-up when one fails', async () => {
    const signals: AbortSignal[] = [];
    const { lookup } = scene((userIds, signal) => {
      signals.push(signal());
      return userIds.length === 512 ? never(userIds, signal) : broken(userIds, signal);
    });
    const userIds = Array.from({ length: 600 }, (_, i) => `user-${i}`);
    expect(await lookup(userIds, later(100))).toEqual({ kind: 'failed', reason: 'unavailable' });
    expect(signals[0]?.aborted).toBe(true);
  });

  it('counts results', async () => {
    const { lookup, metrics, answerWith } = scene(everybody);
    await lookup(['a'], later(100));
    await lookup(['a'], later(0));
    answerWith(broken);
    await lookup(['a'], later(100));
    const { text } = await metrics.render();
    for (const result of ['found', 'timeout', 'unavailable']) {
      expect(text).toContain(`helios_profile_lookups_total{result="${result}"} 1`);
    }
  });
});
