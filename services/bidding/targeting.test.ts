import { describe, expect, it } from 'vitest';
import type { BidRequest } from '#shared/model/openrtb.ts';
import { indexCampaigns } from './campaign-index.ts';
import { surroundingsOf, targets } from './targeting.ts';
import { bidder, campaign, request, sampleCatalog } from './test-samples.ts';

type Part = Parameters<typeof campaign>[2];

function runs(part: Part, of: Partial<BidRequest>): boolean {
  const index = indexCampaigns(sampleCatalog(bidder('atlas'), campaign('one', 'atlas', part)));
  const [indexed] = index.groups.get('house')![0]!.campaigns;
  return targets(indexed!, surroundingsOf(request(of)));
}
const geo = (country: string) => ({ geo: { country } });

describe('targets()', () => {
  it.each<[string, Part, Partial<BidRequest>, boolean]>([
    ['everywhere', {}, {}, true],
    ['country of the device', { targeting: { countries: ['DEU'] } }, { device: geo('DEU') }, true],
    ['country of the user', { targeting: { countries: ['DEU'] } }, { user: geo('DEU') }, true],
    [
      'the device goes before the user',
      { targeting: { countries: ['DEU'] } },
      { device: geo('FRA'), user: geo('DEU') },
      false,
    ],
    ['unknown country', { targeting: { countries: ['DEU'] } }, {}, false],
    [
      'site domain in any case',
      { targeting: { inventory: ['News.example'] } },
      { site: { domain: 'news.EXAMPLE' } },
      true,
    ],
    ['another site', { targeting: { inventory: ['other.example'] } }, {}, false],
    [
      'app bundle',
      { targeting: { inventory: ['com.example.maps'] } },
      { site: undefined, app: { bundle: 'com.example.maps' } } as Partial<BidRequest>,
      true,
    ],
    ['blocked advertiser', {}, { badv: ['rival.example', 'one.example'] }, false],
    [
      'blocked with all its shops',
      { adomain: ['Shop.one.example'] },
      { badv: ['one.example'] },
      false,
    ],
    ['blocked shop of another', { adomain: ['one.example'] }, { badv: ['shop.one.example'] }, true],
    ['blocked name that it ends with', { adomain: ['one.example'] }, { badv: ['e.example'] }, true],
    [
      'blocked in the script of the DNS',
      { adomain: ['Bücher.example'] },
      { badv: ['xn--bcher-kva.example'] },
      false,
    ],
    ['blocked rival', {}, { badv: ['rival.example'] }, true],
    ['blocked category', { cat: ['IAB9-30'] }, { bcat: ['IAB9-30'] }, false],
    ['blocked parent category', { cat: ['IAB9-30'] }, { bcat: ['IAB9'] }, false],
    ['blocked sibling category', { cat: ['IAB9-30'] }, { bcat: ['IAB9-3'] }, true],
    ['allowed category', { cat: ['IAB9-30'] }, { acat: ['IAB9'] }, true],
    ['no category to be allowed by', { cat: [] }, { acat: ['IAB9'] }, false],
    ['one category not allowed', { cat: ['IAB9-30', 'IAB1'] }, { acat: ['IAB9'] }, false],
  ])('%s', (_, part, of, expected) => {
    expect(runs(part, of)).toBe(expected);
  });
});
