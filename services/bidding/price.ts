/**
 * What a campaign offers for an impression:
 *
 *     price = base CPM × tier of the best matching interest × engagement, rounded down to 0.001 CPM
 *
 * All of it in integers (micros, percent, permille), so that the same auction has the same price on
 * every machine. `docs/bidding.md` works an example.
 */
import { PRICE_MICROS_MAX, PRICE_STEP_MICROS } from '#shared/model/money.ts';

/** Percent of the base CPM where no interest of the user matches, or nothing is known of the user. */
export const TIER_WITHOUT_MATCH_PERCENT = 35;

/** Engagement where there is no history to judge by. */
export const ENGAGEMENT_NEUTRAL_PERMILLE = 1_000;
/** A user who is seen around, but not lately in what the campaign is about. */
const ENGAGEMENT_LEAST_PERMILLE = 900;
/** Recency and frequency add up to this much each: 1.25 at most. */
const ENGAGEMENT_SHARE_PERMILLE = 175;
/** Percent, permille and the grid of prices in one divisor. */
const PER_STEP = 100 * 1_000 * PRICE_STEP_MICROS;
/** Visits older than this say nothing about today. */
export const ENGAGEMENT_WINDOW_MS = 30 * 24 * 3_600_000;
/** More visits than this are a habit already. */
const ENGAGEMENT_VISITS_MAX = 5;

/**
 * @param tierPercent see {@link tierPercent}
 * @param engagementPermille see {@link engagementPermille}
 * @returns micros of CPM on the grid of clearing prices; 0 where the base is too small for a step
 */
export function priceMicros(
  baseCpmMicros: number,
  tierPercent: number,
  engagementPermille: number,
): number {
  // One division: exact for every base up to 60,000 CPM, where the product still is a safe integer.
  const steps = Math.floor(baseCpmMicros * tierPercent * engagementPermille / PER_STEP);
  return Math.min(steps * PRICE_STEP_MICROS, PRICE_MICROS_MAX);
}

/** @param bestScore highest score (0 to 1) among the user's interests the campaign targets; 0: none */
export function tierPercent(bestScore: number): number {
  if (bestScore > 0.9) return 120;
  if (bestScore >= 0.7) return 85;
  if (bestScore >= 0.5) return 60;
  return TIER_WITHOUT_MATCH_PERCENT;
}

/**
 * 0.9 + 0.175 × recency + 0.175 × frequency, where recency falls from 1 (now) to 0 (30 days ago)
 * and frequency grows from 0 to 1 (five visits).
 *
 * @param visits visits of the last 30 days in the campaign's categories
 * @param newestAgeMs how long ago the newest of them was; a visit dated ahead of us counts as now
 */
export function engagementPermille(visits: number, newestAgeMs: number): number {
  if (visits === 0) return ENGAGEMENT_LEAST_PERMILLE;
  const recency = 1 - Math.max(0, newestAgeMs) / ENGAGEMENT_WINDOW_MS;
  const frequency = Math.min(visits, ENGAGEMENT_VISITS_MAX) / ENGAGEMENT_VISITS_MAX;
  return ENGAGEMENT_LEAST_PERMILLE + Math.floor(ENGAGEMENT_SHARE_PERMILLE * (recency + frequency));
}
