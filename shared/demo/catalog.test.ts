import { describe, expect, it } from 'vitest';
import {
  applyChange,
  biddingGroups,
  ConfigChange,
  type Creative,
  emptyCatalog,
} from '../model/catalog.ts';
import { nativeAdErrors } from '../model/native-ad.ts';
import { demoCatalog } from './catalog.ts';
import { PLACES } from './inventory.ts';

const NOW_MS = Date.UTC(2026, 10, 22);
const CHANGES = demoCatalog(NOW_MS);
const CATALOG = emptyCatalog();
for (const change of CHANGES) applyChange(CATALOG, change);
const CREATIVES = [...CATALOG.creative.values()];
const ofType = (type: Creative['type']) => CREATIVES.filter((creative) => creative.type === type);

describe('demoCatalog()', () => {
  it('consists of valid changes, the same each time', () => {
    for (const change of CHANGES) expect(ConfigChange.parse(change)).toEqual(change);
    expect(demoCatalog(NOW_MS)).toEqual(CHANGES);
    expect(new Set(CHANGES.map(({ kind, id }) => `${kind}/${id}`)).size).toBe(CHANGES.length);
  });

  it('names nothing before it exists', () => {
    const known = new Set<string>();
    for (const { kind, id, value } of CHANGES) {
      if (kind === 'campaign') expect(known).toContain(`bidder/${value!.seat}`);
      if (kind === 'creative') expect(known).toContain(`campaign/${value!.campaignId}`);
      known.add(`${kind}/${id}`);
    }
  });

  it('has two groups of two seats and a dozen campaigns between 0.8 and 6 CPM', () => {
    expect(biddingGroups(CATALOG)).toEqual(['house', 'partners']);
    const seats = Map.groupBy(CATALOG.bidder.values(), ({ group }) => group);
    expect([...seats.values()].map((list) => list.length)).toEqual([2, 2]);
    const bases = [...CATALOG.campaign.values()].map(({ baseCpmMicros }) => baseCpmMicros);
    expect(bases.length).toBeGreaterThanOrEqual(12);
    expect(Math.min(...bases)).toBe(800_000);
    expect(Math.max(...bases)).toBe(6_000_000);
  });

  it('has banners of the usual sizes for several seats, and every other media type', () => {
    for (const size of ['300x250', '728x90', '320x50', '160x600', '300x600', '970x250']) {
      const fitting = ofType('banner').filter(({ w, h }) => `${w}x${h}` === size);
      const seats = fitting.map(({ campaignId }) => CATALOG.campaign.get(campaignId)!.seat);
      expect(new Set(seats).size, size).toBeGreaterThanOrEqual(3);
    }
    for (const type of ['video', 'audio', 'native'] as const) expect(ofType(type)).not.toEqual([]);
  });

  it('has short banners with a click target at the advertiser and nothing to fetch', () => {
    for (const { adm, campaignId } of ofType('banner')) {
      const [domain] = CATALOG.campaign.get(campaignId)!.adomain;
      expect(adm.length).toBeLessThan(400);
      expect(adm).toMatch(new RegExp(`^<a href='https://${domain}/\\?cr=[^']+' .*</a>$`));
      expect(adm).not.toContain('src=');
    }
  });

  it('has VAST with its length in the markup', () => {
    for (const { adm, dur } of [...ofType('video'), ...ofType('audio')]) {
      expect(adm).toMatch(/^<VAST version="[34]\.0">.*<\/VAST>$/);
      expect(adm).toContain(`<Duration>00:00:${dur}</Duration>`);
    }
  });

  it('has native ads that say what their assets are', () => {
    for (const { adm } of ofType('native')) expect(nativeAdErrors(adm, 'adm')).toEqual([]);
  });

  it('knows the demo publisher and those of the sample traffic', () => {
    expect(CATALOG.publisher.get('demo')).toMatchObject({ demo: true });
    const others = [...CATALOG.publisher.values()].filter(({ demo }) => !demo);
    const owners = new Set(PLACES.map(({ publisher }) => publisher.id));
    expect(new Set(others.map(({ id }) => id))).toEqual(owners);
  });
});
