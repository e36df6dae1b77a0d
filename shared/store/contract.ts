/** What every store engine does alike; an engine's test file calls this with how to make one. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Store, StoreError } from './store.ts';

/** `makeStore` gives an empty store; it is closed after each test. */
export function describeStore(name: string, makeStore: () => Promise<Store> | Store): void {
  describe(`${name} as a store`, () => {
    let store: Store;
    beforeEach(async () => void (store = await makeStore()));
    afterEach(() => store.close());
    describeProfiles(() => store);
    describeClaims(() => store);

    it('check() resolves while open and rejects with code closed after close()', async () => {
      await store.check();
      await Promise.all([store.close(), store.close()]);
      for (
        const call of [
          () => store.check(),
          () => store.getProfiles(['a']),
          () => store.putProfiles([profile('a', 1)]),
          () => store.claim('k', 'v', 1_000),
        ]
      ) {
        await expect(call()).rejects.toSatisfy((error) =>
          error instanceof StoreError && error.code === 'closed'
        );
      }
    });
  });
}

const profile = (userId: string, ...bytes: number[]) => ({ userId, bytes: Uint8Array.from(bytes) });
const plain = (found: (Uint8Array | undefined)[]) => found.map((bytes) => bytes && [...bytes]);

function describeProfiles(store: () => Store): void {
  it('getProfiles() answers in the order asked, with gaps and repetitions', async () => {
    await store().putProfiles([profile('a', 1), profile('b', 2, 0, 255)]);
    const found = await store().getProfiles(['b', 'nobody', 'a', 'b']);
    expect(plain(found)).toEqual([[2, 0, 255], undefined, [1], [2, 0, 255]]);
    expect(plain(await store().getProfiles(['a']))).toEqual([[1]]);
    expect(plain(await store().getProfiles(['nobody']))).toEqual([undefined]);
    expect(await store().getProfiles([])).toEqual([]);
  });

  it('putProfiles() replaces what was there and keeps its own copy', async () => {
    const second = profile('a', 2);
    await store().putProfiles([profile('a', 1)]);
    await store().putProfiles([second]);
    second.bytes[0] = 9;
    expect(plain(await store().getProfiles(['a']))).toEqual([[2]]);
    expect(await store().countProfiles()).toBe(1);
  });

  it('putProfiles() takes thousands at once and getProfiles() gives them back', async () => {
    const many = Array.from({ length: 3_000 }, (_, i) => profile(`user-${i}`, i >> 8, i & 255));
    await store().putProfiles(many);
    expect(await store().countProfiles()).toBe(3_000);
    const found = await store().getProfiles(many.map(({ userId }) => userId));
    expect(plain(found)).toEqual(many.map(({ bytes }) => [...bytes]));
  });

  it('ids may hold quotes, spaces and any script', async () => {
    const ids = [`o'neil "x"`, 'a b', 'ünï', '東京', '🙂', '{"k":1}', 'null', '7'];
    await store().putProfiles(ids.map((id, i) => profile(id, i)));
    expect(plain(await store().getProfiles(ids))).toEqual(ids.map((_, i) => [i]));
    expect(await store().deleteProfiles(ids)).toBe(ids.length);
  });

  it('deleteProfiles() counts those that existed', async () => {
    await store().putProfiles([profile('a', 1), profile('b', 1), profile('c', 1)]);
    expect(await store().deleteProfiles(['a', 'nobody', 'b'])).toBe(2);
    expect(plain(await store().getProfiles(['a', 'b', 'c']))).toEqual([undefined, undefined, [1]]);
    expect(await store().deleteProfiles(['a'])).toBe(0);
  });

  it('deleteProfiles() is not overtaken by a putProfiles() called before it', async () => {
    const many = Array.from({ length: 3_000 }, (_, i) => profile(`user-${i}`, 1));
    const put = store().putProfiles(many);
    const deleted = store().deleteProfiles(['user-2999']);
    await put;
    expect(await deleted).toBe(1);
    expect(plain(await store().getProfiles(['user-2999']))).toEqual([undefined]);
  });
}

function describeClaims(store: () => Store): void {
  it('claim() is won once and tells the others the value it was taken with', async () => {
    expect(await store().claim('k', 'first', 60_000)).toBeUndefined();
    expect(await store().claim('k', 'second', 60_000)).toBe('first');
    expect(await store().claim('other', 'second', 60_000)).toBeUndefined();
  });

  it('claimed() tells the value without taking the key', async () => {
    expect(await store().claimed('k')).toBeUndefined();
    expect(await store().claim('k', '', 60_000)).toBeUndefined();
    expect(await store().claimed('k')).toBe('');
    expect(await store().claim('other', 'first', 5)).toBeUndefined();
    await expect.poll(() => store().claimed('other')).toBeUndefined();
  });

  it('release() frees a key that is taken with the value, and no other', async () => {
    await store().claim('k', 'first', 60_000);
    await store().claim('other', 'first', 60_000);
    await store().release('k', 'second');
    expect(await store().claimed('k')).toBe('first');
    await store().release('k', 'first');
    await store().release('free', 'first');
    expect(await store().claim('k', 'second', 60_000)).toBeUndefined();
    expect(await store().claimed('other')).toBe('first');
  });

  it('claim() has one winner among many at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) => store().claim('k', `claimant ${i}`, 60_000)),
    );
    const winner = answers.indexOf(undefined);
    expect(answers.filter((answer) => answer === undefined)).toHaveLength(1);
    expect(new Set(answers)).toEqual(new Set([undefined, `claimant ${winner}`]));
  });

  it('claim() is free again when its time is over', async () => {
    expect(await store().claim('k', 'first', 5)).toBeUndefined();
    let answer: string | undefined;
    do answer = await store().claim('k', 'second', 60_000); while (answer === 'first');
    expect(answer).toBeUndefined();
    expect(await store().claim('k', 'third', 60_000)).toBe('second');
  });
}
