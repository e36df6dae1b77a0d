import { describe, expect, it } from 'vitest';
import type { LookupResult } from './profile-lookup.ts';
import { shareLookups } from './share-lookups.ts';
import { profile } from './test-samples.ts';

/** A look-up whose answers the test gives. */
function scene() {
  const calls: { userIds: readonly string[]; answer: (result: LookupResult) => void }[] = [];
  const lookup = shareLookups((userIds) => {
    const { promise, resolve } = Promise.withResolvers<LookupResult>();
    calls.push({ userIds, answer: resolve });
    return promise;
  });
  return { calls, ask: (...userIds: string[]) => lookup(new Set(userIds), 0) };
}

function found(...userIds: string[]): LookupResult {
  return { kind: 'found', profiles: new Map(userIds.map((id) => [id, profile({ userId: id })])) };
}

describe('shareLookups()', () => {
  it('asks once for what two groups want at the same time', async () => {
    const { calls, ask } = scene();
    const [first, second] = [ask('a', 'b'), ask('a', 'b')];
    calls[0]!.answer(found('a'));
    expect(calls.map(({ userIds }) => userIds)).toEqual([['a', 'b']]);
    expect(await first).toBe(await second);
    expect([...await first].map(([id, { reason }]) => [id, reason])).toEqual([
      ['a', undefined],
      ['b', 'not_found'],
    ]);
  });

  it('asks only for the users nobody is asking for, and puts both together', async () => {
    const { calls, ask } = scene();
    const first = ask('a');
    const second = ask('a', 'b');
    expect(calls.map(({ userIds }) => userIds)).toEqual([['a'], ['b']]);
    calls[0]!.answer(found('a'));
    calls[1]!.answer({ kind: 'failed', reason: 'timeout' });
    expect((await first).get('a')?.profile?.userId).toBe('a');
    const uses = await second;
    expect(uses.get('a')?.profile?.userId).toBe('a');
    expect(uses.get('b')).toEqual({ profile: undefined, reason: 'timeout' });
  });

  it('keeps nothing when a look-up has ended', async () => {
    const { calls, ask } = scene();
    const first = ask('a');
    calls[0]!.answer({ kind: 'failed', reason: 'unavailable' });
    expect((await first).get('a')?.reason).toBe('unavailable');
    const second = ask('a');
    expect(calls).toHaveLength(2);
    calls[1]!.answer(found('a'));
    expect((await second).get('a')?.profile?.userId).toBe('a');
  });
});
