import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { gatherLookups } from './gather-lookups.ts';
import type { LookupResult } from './profile-lookup.ts';
import { profile } from './test-samples.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const PACE_MS = 5;

function scene() {
  const calls: { userIds: readonly string[]; deadline: number }[] = [];
  const lookup = gatherLookups((userIds, deadline) => {
    calls.push({ userIds, deadline });
    const profiles = new Map(userIds.map((userId) => [userId, profile({ userId })]));
    return Promise.resolve<LookupResult>({ kind: 'found', profiles });
  }, PACE_MS);
  return { calls, ask: (deadline: number, ...userIds: string[]) => lookup(userIds, deadline) };
}

describe('gatherLookups()', () => {
  it('lets nobody wait who comes after a pause', async () => {
    const { calls, ask } = scene();
    await ask(100, 'a');
    await vi.advanceTimersByTimeAsync(PACE_MS);
    await ask(200, 'b');
    expect(calls).toEqual([{ userIds: ['a'], deadline: 100 }, { userIds: ['b'], deadline: 200 }]);
  });

  it('asks once for all who came since the last call, until the latest of their deadlines', async () => {
    const { calls, ask } = scene();
    await ask(100, 'a');
    const waiting = [ask(130, 'b', 'c'), ask(150, 'd'), ask(140, 'e')];
    await vi.advanceTimersByTimeAsync(PACE_MS - 1);
    expect(calls).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(calls[1]).toEqual({ userIds: ['b', 'c', 'd', 'e'], deadline: 150 });
    const [first, ...others] = await Promise.all(waiting);
    expect(others).toEqual([first, first]);
    expect(first).toMatchObject({ kind: 'found', profiles: { size: 4 } });
  });

  it('asks for whoever comes during a call in the next one', async () => {
    const calls: (readonly string[])[] = [];
    const first = Promise.withResolvers<LookupResult>();
    const lookup = gatherLookups((userIds) => {
      calls.push(userIds);
      return first.promise;
    }, PACE_MS);
    void lookup(['a'], 100);
    await vi.advanceTimersByTimeAsync(PACE_MS);
    void lookup(['b'], 100);
    await vi.advanceTimersByTimeAsync(PACE_MS);
    expect(calls).toEqual([['a'], ['b']]);
  });
});
