/**
 * How well a user fits each interest category, read from the profile once per request. What is
 * left per campaign is a look into a few arrays, however long interests and history are.
 */
import type { Profile } from '#shared/model/profile.ts';
import type { IndexedCampaign } from './campaign-index.ts';
import {
  ENGAGEMENT_NEUTRAL_PERMILLE,
  ENGAGEMENT_WINDOW_MS,
  engagementPermille,
  priceMicros,
  tierPercent,
} from './price.ts';

/** Made once per campaign index and loaded again for each request. */
export class UserMatch {
  readonly #categories: ReadonlyMap<string, number>;
  readonly #scores: Float64Array;
  readonly #visits: Int32Array;
  readonly #newestAgeMs: Float64Array;
  #known = false;
  #hasHistory = false;

  /** @param categories the categories any campaign targets, numbered from 0 */
  constructor(categories: ReadonlyMap<string, number>) {
    this.#categories = categories;
    this.#scores = new Float64Array(categories.size);
    this.#visits = new Int32Array(categories.size);
    this.#newestAgeMs = new Float64Array(categories.size);
  }

  /** @param nowMs epoch ms the ages of visits are counted to: the auction's own time */
  load(profile: Profile | undefined, nowMs: number): void {
    this.#known = profile !== undefined;
    if (profile === undefined) return;
    this.#scores.fill(0);
    for (const { category, score } of profile.interests) {
      const at = this.#categories.get(category);
      if (at !== undefined && score > this.#scores[at]!) this.#scores[at] = score;
    }
    this.#hasHistory = profile.history.length > 0;
    if (!this.#hasHistory) return;
    this.#visits.fill(0);
    this.#newestAgeMs.fill(ENGAGEMENT_WINDOW_MS);
    for (const { category, atMs } of profile.history) {
      const ageMs = nowMs - atMs;
      const at = this.#categories.get(category);
      if (at === undefined || ageMs > ENGAGEMENT_WINDOW_MS) continue;
      this.#visits[at]!++;
      if (ageMs < this.#newestAgeMs[at]!) this.#newestAgeMs[at] = ageMs;
    }
  }

  /** What the campaign offers for this user, micros of CPM. */
  priceMicros(campaign: IndexedCampaign): number {
    if (!this.#known || campaign.interests.length === 0) return campaign.unmatchedPriceMicros;
    let best = 0;
    let visits = 0;
    let newestAgeMs = ENGAGEMENT_WINDOW_MS;
    for (const at of campaign.interests) {
      if (this.#scores[at]! > best) best = this.#scores[at]!;
      if (!this.#hasHistory) continue;
      visits += this.#visits[at]!;
      if (this.#newestAgeMs[at]! < newestAgeMs) newestAgeMs = this.#newestAgeMs[at]!;
    }
    const engagement = this.#hasHistory
      ? engagementPermille(visits, newestAgeMs)
      : ENGAGEMENT_NEUTRAL_PERMILLE;
    return priceMicros(campaign.baseCpmMicros, tierPercent(best), engagement);
  }
}
