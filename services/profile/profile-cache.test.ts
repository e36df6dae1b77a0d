import { describe, expect, it } from 'vitest';
import { CachedProfile, ProfileCache } from './profile-cache.ts';

const entry = (readAtMs = 0) => new CachedProfile(new Uint8Array(), readAtMs);

/** Asked for twice, as what is kept must be. */
function keep(cache: ProfileCache, userId: string, what = entry()): void {
  cache.offer(userId, what);
  cache.offer(userId, what);
}

describe('ProfileCache', () => {
  it('keeps what is offered a second time', () => {
    const cache = new ProfileCache(10, 1_000);
    cache.offer('a', entry());
    expect(cache.get('a', 0)).toBeUndefined();
    cache.offer('a', entry());
    expect(cache.get('a', 0)).toBeDefined();
  });

  it('forgets who was offered once when many others were', () => {
    const cache = new ProfileCache(10, 1_000);
    cache.offer('a', entry());
    for (let i = 0; i < 10; i++) cache.offer(`u${i}`, entry());
    cache.offer('a', entry());
    expect(cache.get('a', 0)).toBeUndefined();
  });

  it('never holds more than it may', () => {
    const cache = new ProfileCache(10, 1_000);
    for (let i = 0; i < 100; i++) {
      keep(cache, `u${i}`);
      expect(cache.size).toBeLessThanOrEqual(10);
    }
  });

  it('keeps what is used while others come and go', () => {
    const cache = new ProfileCache(10, 1_000);
    const used = entry();
    keep(cache, 'used', used);
    for (let i = 0; i < 100; i++) {
      keep(cache, `u${i}`);
      expect(cache.get('used', 0)).toBe(used);
    }
    expect(cache.get('u0', 0)).toBeUndefined();
    expect(cache.get('u99', 0)).toBeDefined();
  });

  it('get() gives nothing that is too old', () => {
    const cache = new ProfileCache(10, 1_000);
    keep(cache, 'a', entry(500));
    expect(cache.get('a', 1_500)).toBeDefined();
    expect(cache.get('a', 1_501)).toBeUndefined();
    cache.offer('a', entry(1_501));
    expect(cache.get('a', 1_501)).toBeDefined();
  });

  it('offer() gives back what was kept and is the same, good again', () => {
    const cache = new ProfileCache(10, 1_000);
    const stored = (text: string, readAtMs: number) =>
      new CachedProfile(new TextEncoder().encode(text), readAtMs);
    cache.offer('a', stored('one', 0));
    const kept = cache.offer('a', stored('one', 0));
    expect(cache.get('a', 1_001)).toBeUndefined();
    expect(cache.offer('a', stored('one', 1_001))).toBe(kept);
    expect(cache.get('a', 2_001)).toBe(kept);

    expect(cache.get('a', 2_002)).toBeUndefined();
    const changed = cache.offer('a', stored('two', 2_002));
    expect(changed).not.toBe(kept);
    expect(cache.get('a', 2_002)).toBe(changed);
  });

  it('delete() removes an entry of either generation', () => {
    const cache = new ProfileCache(4, 1_000);
    for (const id of ['a', 'b', 'c']) keep(cache, id);
    for (const id of ['a', 'b', 'c']) cache.delete(id);
    expect(cache.size).toBe(0);
  });
});

it('keeps an entry with bytes of its own when its own were a view of more', () => {
  const cache = new ProfileCache(10, 1_000);
  const batch = new Uint8Array(1_000).fill(7);
  const entry = new CachedProfile(batch.subarray(10, 20), 0);
  cache.offer('a', entry);
  cache.offer('a', entry);
  const kept = cache.get('a', 0)!;
  expect(kept.bytes).toEqual(entry.bytes);
  expect(kept.bytes.buffer.byteLength).toBe(10);
});
