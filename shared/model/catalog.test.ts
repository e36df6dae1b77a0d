import { describe, expect, test } from 'vitest';
import { applyChange, biddingGroups, ConfigChange, emptyCatalog } from './catalog.ts';

function bidder(id: string, group: string, active = true): ConfigChange {
  return { v: 1, at: 0, actor: 't', kind: 'bidder', id, value: { id, name: id, group, active } };
}

describe('applyChange()', () => {
  test('keeps the last version of an entity and forgets a removed one', () => {
    const catalog = emptyCatalog();
    applyChange(catalog, bidder('a', 'house'));
    applyChange(catalog, bidder('a', 'partners'));
    expect(catalog.bidder.get('a')?.group).toBe('partners');
    applyChange(catalog, { v: 1, at: 0, actor: 't', kind: 'bidder', id: 'a', value: null });
    expect(catalog.bidder.has('a')).toBe(false);
    expect(catalog.version).toBe(3);
  });

  test('keeps the first salt of a day: it may have decided auctions', () => {
    const catalog = emptyCatalog();
    const salt = (text: string): ConfigChange => {
      const id = '2026-11-22';
      return { v: 1, at: 0, actor: 't', kind: 'salt', id, value: { id, salt: text.repeat(64) } };
    };
    applyChange(catalog, salt('a'));
    applyChange(catalog, salt('b'));
    expect(catalog.salt.get('2026-11-22')?.salt).toBe('a'.repeat(64));
  });
});

describe('biddingGroups()', () => {
  test('names groups with an active bidder, and follows changes', () => {
    const catalog = emptyCatalog();
    expect(biddingGroups(catalog)).toEqual([]);
    for (
      const change of [bidder('a', 'partners'), bidder('b', 'house'), bidder('c', 'idle', false)]
    ) {
      applyChange(catalog, change);
    }
    expect(biddingGroups(catalog)).toEqual(['house', 'partners']);
    applyChange(catalog, bidder('b', 'house', false));
    expect(biddingGroups(catalog)).toEqual(['partners']);
  });
});

describe('ConfigChange', () => {
  test('refuses what does not fit its kind', () => {
    expect(ConfigChange.safeParse({ ...bidder('a', 'g'), kind: 'salt' }).success).toBe(false);
    expect(ConfigChange.safeParse(bidder('', 'g')).success).toBe(false);
  });
});
