import { describe, expect, it } from 'vitest';
import { CachedProfile, ProfileCache } from './profile-cache.ts';

const entry = (readAtMs = 0) => new CachedProfile(new Uint8Array(), readAtMs);

describe('ProfileCache', () => {
  it('never holds more than it may', () => {
    const cache = new ProfileCache(10, 1_000);
    for (let i = 0; i < 100; i++) {
      cache.set(`u${i}`, entry());
      expect(cache.size).toBeLessThanOrEqual(10);
    }
  });

  it('keeps what is used while others come and go', () => {
    const cache = new ProfileCache(10, 1_000);
    const used = entry();
    cache.set('used', used);
    for (let i = 0; i < 100; i++) {
      cache.set(`u${i}`, entry());
      expect(cache.get('used', 0)).toBe(used);
    }
    expect(cache.get('u0', 0)).toBeUndefined();
    expect(cache.get('u99', 0)).toBeDefined();
  });

  it('get() gives nothing that is too old', () => {
    const cache = new ProfileCache(10, 1_000);
    cache.set('a', entry(500));
    expect(cache.get('a', 1_500)).toBeDefined();
    expect(cache.get('a', 1_501)).toBeUndefined();
  });

  it('delete() removes an entry of either generation', () => {
    const cache = new ProfileCache(4, 1_000);
    for (const id of ['a', 'b', 'c']) cache.set(id, entry());
    for (const id of ['a', 'b', 'c']) cache.delete(id);
    expect(cache.size).toBe(0);
  });
});
