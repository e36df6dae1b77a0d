import { describe, expect, it } from 'vitest';
import { indexCampaigns, sizeKey } from './campaign-index.ts';
import { bidder, campaign, campaignWithBanner, creative, sampleCatalog } from './test-samples.ts';

describe('indexCampaigns()', () => {
  it('lists the active seats of each group in the order of their ids', () => {
    const index = indexCampaigns(sampleCatalog(
      bidder('tidewater', 'partners'),
      bidder('meridian', 'house'),
      bidder('atlas', 'house'),
      bidder('idle', 'house', false),
      bidder('alone', 'sleeping', false),
    ));
    const seats = [...index.groups].map(([group, list]) => [group, list.map(({ id }) => id)]);
    expect(Object.fromEntries(seats)).toEqual({
      house: ['atlas', 'meridian'],
      partners: ['tidewater'],
    });
  });

  it('finds creatives by type and size, and only active ones of active campaigns', () => {
    const index = indexCampaigns(sampleCatalog(
      bidder('atlas'),
      campaign('b', 'atlas'),
      campaign('a', 'atlas'),
      campaign('off', 'atlas', { active: false }),
      campaign('elsewhere', 'meridian'),
      creative('b-1', 'b'),
      creative('a-2', 'a'),
      creative('a-1', 'a', { w: 728, h: 90 }),
      creative('a-off', 'a', { active: false }),
      creative('off-1', 'off'),
      creative('e-1', 'elsewhere'),
      creative('a-v', 'a', { type: 'video', dur: 15 }),
    ));
    const [seat] = index.groups.get('house')!;
    const ids = (list: readonly { creative: { id: string } }[] | undefined) =>
      list?.map(({ creative }) => creative.id);
    expect(seat!.campaigns.map(({ id, order }) => [id, order])).toEqual([['a', 0], ['b', 1]]);
    expect(ids(seat!.banners.get(sizeKey(300, 250)))).toEqual(['a-2', 'b-1']);
    expect(ids(seat!.banners.get(sizeKey(728, 90)))).toEqual(['a-1']);
    expect(seat!.banners.size).toBe(2);
    expect([ids(seat!.video), ids(seat!.audio), ids(seat!.native)]).toEqual([['a-v'], [], []]);
  });

  it('bears the version of its catalog', () => {
    const catalog = sampleCatalog(bidder('atlas'), ...campaignWithBanner('a', 'atlas'));
    expect(indexCampaigns(catalog).version).toBe(3);
  });
});
