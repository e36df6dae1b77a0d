import { describe, expect, it } from 'vitest';
import { ENGAGEMENT_WINDOW_MS, engagementPermille, priceMicros, tierPercent } from './price.ts';

const DAY_MS = 24 * 3_600_000;

describe('priceMicros()', () => {
  it.each([
    // base CPM, tier, engagement, price; worked by hand
    { base: 2_000_000, tier: 120, engagement: 1_000, price: 2_400_000 }, // 2.00 × 1.20
    { base: 3_400_000, tier: 60, engagement: 1_250, price: 2_550_000 }, // 3.40 × 0.60 × 1.25
    { base: 800_000, tier: 35, engagement: 900, price: 252_000 }, // 0.80 × 0.35 × 0.90
    { base: 2_400_000, tier: 85, engagement: 1_129, price: 2_303_000 }, // 2.30316
    { base: 2_400_000, tier: 85, engagement: 1_127, price: 2_299_000 }, // docs/bidding.md
    { base: 1_234_567, tier: 85, engagement: 1_000, price: 1_049_000 }, // 1.04938195
    { base: 10_000, tier: 60, engagement: 1_000, price: 6_000 },
    { base: 999, tier: 35, engagement: 1_000, price: 0 }, // under one step of 0.001
    { base: 0, tier: 120, engagement: 1_250, price: 0 },
  ])('gives $price for $base × $tier % × $engagement ‰', ({ base, tier, engagement, price }) => {
    expect(priceMicros(base, tier, engagement)).toBe(price);
  });

  it('stays within the highest price of the exchange', () => {
    expect(priceMicros(1_000_000_000_000, 120, 1_250)).toBe(1_000_000_000_000);
  });
});

describe('tierPercent()', () => {
  it.each([
    [1, 120],
    [0.9001, 120],
    [0.9, 85],
    [0.7, 85],
    [0.6999, 60],
    [0.5, 60],
    [0.4999, 35],
    [0, 35],
  ])('puts a score of %d at %d %%', (score, percent) => {
    expect(tierPercent(score)).toBe(percent);
  });
});

describe('engagementPermille()', () => {
  it.each([
    { visits: 0, ageDays: 30, permille: 900 },
    { visits: 1, ageDays: 30, permille: 935 }, // 900 + 175 × (0 + 0.2)
    { visits: 1, ageDays: 15, permille: 1_022 }, // 900 + 175 × (0.5 + 0.2) = 1022.5
    { visits: 2, ageDays: 3, permille: 1_127 }, // 900 + 175 × (0.9 + 0.4) = 1127.5
    { visits: 5, ageDays: 0, permille: 1_250 },
    { visits: 20, ageDays: 0, permille: 1_250 },
    { visits: 5, ageDays: -2, permille: 1_250 }, // a clock ahead of ours
  ])('gives $permille ‰ for $visits visits, the last $ageDays days ago', (row) => {
    expect(engagementPermille(row.visits, row.ageDays * DAY_MS)).toBe(row.permille);
  });

  it('looks back 30 days', () => {
    expect(ENGAGEMENT_WINDOW_MS).toBe(30 * DAY_MS);
  });
});
