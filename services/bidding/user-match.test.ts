import { describe, expect, it } from 'vitest';
import { indexCampaigns } from './campaign-index.ts';
import { bidder, campaign, DAY_MS, NOW_MS, profile, sampleCatalog } from './test-samples.ts';

/** Two CPM for people who like the outdoors or sports; one CPM for everybody. */
const INDEX = indexCampaigns(sampleCatalog(
  bidder('atlas'),
  campaign('everybody', 'atlas'),
  campaign('trails', 'atlas', {
    baseCpmMicros: 2_000_000,
    targeting: { interests: ['outdoors', 'sports'] },
  }),
));
const [EVERYBODY, TRAILS] = INDEX.groups.get('house')![0]!.campaigns;

function price(of = TRAILS, user: Parameters<typeof profile>[0] | undefined): number {
  INDEX.match.load(user && profile(user), NOW_MS);
  return INDEX.match.priceMicros(of!);
}
const visit = (category: string, ageDays: number) => (
  { category, domain: 'a.example', atMs: NOW_MS - ageDays * DAY_MS }
);

describe('UserMatch.priceMicros()', () => {
  it('is the lowest tier without a profile', () => {
    expect(price(TRAILS, undefined)).toBe(700_000);
  });

  it('is the lowest tier for a user without a matching interest', () => {
    expect(price(TRAILS, { interests: [{ category: 'pets', score: 1 }] })).toBe(700_000);
  });

  it('goes by the best of the matching interests', () => {
    const interests = [
      { category: 'sports', score: 0.5 },
      { category: 'outdoors', score: 0.95 },
      { category: 'sports', score: 0.7 },
    ];
    expect(price(TRAILS, { interests })).toBe(2_400_000);
  });

  it('raises the price for recent and frequent visits in the campaign categories', () => {
    const interests = [{ category: 'outdoors', score: 0.7 }];
    // 2.00 × 0.85 × (0.9 + 0.175 × 0.9 + 0.175 × 0.6): three visits, the last three days ago
    const history = [
      visit('sports', 3),
      visit('outdoors', 10),
      visit('pets', 0),
      visit('sports', 29),
    ];
    expect(price(TRAILS, { interests, history })).toBe(1_975_000);
  });

  it('lowers the price when the history knows other things only', () => {
    // 2.00 × 0.35 × 0.9
    expect(price(TRAILS, { history: [visit('pets', 1)] })).toBe(630_000);
    expect(price(TRAILS, { history: [visit('outdoors', 31)] })).toBe(630_000);
  });

  it('knows nothing of the user loaded before', () => {
    const interests = [{ category: 'outdoors', score: 1 }];
    expect(price(TRAILS, { interests, history: [visit('outdoors', 0)] })).toBeGreaterThan(700_000);
    expect(price(TRAILS, {})).toBe(700_000);
  });

  it('leaves a campaign without interests at the lowest tier, whatever the history', () => {
    expect(price(EVERYBODY, { history: [visit('pets', 1)] })).toBe(350_000);
  });
});
