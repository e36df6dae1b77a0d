import { describe, expect, it } from 'vitest';
import { demoCatalog } from '#shared/demo/catalog.ts';
import { DEMO_PROFILES, DEMO_SEED, demoProfiles } from '#shared/demo/profiles.ts';
import { sampleRequests } from '#shared/demo/traffic.ts';
import type { AskedAsset } from '#shared/model/asked-native.ts';
import type { BidOffer } from '#shared/model/events.ts';
import type { BidRequest } from '#shared/model/openrtb.ts';
import type { Profile } from '#shared/model/profile.ts';
import { bidForSeat } from './bid-for-seat.ts';
import { indexCampaigns } from './campaign-index.ts';
import { surroundingsOf } from './targeting.ts';
import { imp, NOW_MS, request, sampleCatalog } from './test-samples.ts';

const INDEX = indexCampaigns(sampleCatalog(...demoCatalog(NOW_MS)));
const PROFILES = new Map(
  [...demoProfiles(DEMO_PROFILES, DEMO_SEED, NOW_MS)].map((profile) => [profile.userId, profile]),
);

function bidsOn(asked: BidRequest, profile: Profile | undefined): BidOffer[] {
  INDEX.match.load(profile, NOW_MS);
  const around = surroundingsOf(asked);
  return [...INDEX.groups.values()].flat()
    .flatMap((seat) => bidForSeat('auction', asked, around, INDEX.match, seat).bids);
}

const idsOf = (assets: AskedAsset[]) => assets.map(({ id }) => id);

describe('the demo catalog', () => {
  it('gives the first request of a newcomer four bids with a second price above the floor', () => {
    const first = request({ imp: [imp({ bidfloor: 0.2 })], user: { id: 'user-001' } });
    for (const profile of [PROFILES.get('user-001'), undefined]) {
      const prices = bidsOn(first, profile).map(({ priceMicros }) => priceMicros);
      expect(prices).toHaveLength(4);
      for (const price of prices) expect(price).toBeGreaterThan(200_000);
    }
  });

  it('fills most of the sample traffic, in every media type, by many campaigns', () => {
    const sample = sampleRequests(7);
    const wonBy = new Set<string>();
    const types = new Set<number>();
    let imps = 0;
    let filled = 0;
    for (let sequence = 0; sequence < 2_000; sequence++) {
      const asked = sample(sequence);
      const bids = bidsOn(asked, PROFILES.get(asked.user?.id ?? ''));
      imps += asked.imp.length;
      filled += new Set(bids.map(({ impid }) => impid)).size;
      for (const { id: impid } of asked.imp) {
        const best = bids.filter((bid) => bid.impid === impid)
          .sort((a, b) => b.priceMicros - a.priceMicros)[0];
        if (best !== undefined) wonBy.add(best.cid);
      }
      for (const { mtype } of bids) types.add(mtype);
    }
    expect(filled / imps).toBeGreaterThan(0.8);
    expect(wonBy.size).toBeGreaterThanOrEqual(12);
    expect([...types].sort()).toEqual([1, 2, 4]);
  });

  it('answers each native imp of the sample traffic with the assets it asks for', () => {
    const sample = sampleRequests(7);
    const answered = new Set<string>();
    for (let sequence = 0; sequence < 2_000; sequence++) {
      const asked = sample(sequence);
      const bids = bidsOn(asked, undefined);
      for (const { id, native } of asked.imp) {
        if (native === undefined) continue;
        const { assets } = JSON.parse(native.request) as { assets: AskedAsset[] };
        for (const { adm } of bids.filter(({ impid }) => impid === id)) {
          expect(idsOf(JSON.parse(adm).assets)).toEqual(idsOf(assets));
          answered.add(native.request);
        }
      }
    }
    expect(answered.size).toBe(2);
  });
});
