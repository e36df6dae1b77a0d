/** What a bucket of a series is shown with: each name of the answer, and the sums it is made of. */
import type { Measures } from './queries.ts';

const SUMS = {
  time: [],
  auctions: ['auctions'],
  impressions_offered: ['offered'],
  won: ['won'],
  win_rate: ['won', 'offered'],
  revenue: ['revenue_micros'],
  currency: [],
  average_price: ['price_sum', 'won'],
  enriched_share: ['enriched_rows', 'offered'],
} as const satisfies Record<string, readonly (keyof Measures)[]>;

export type SeriesField = keyof typeof SUMS;
/** In the order of the answer. */
export const SERIES_FIELDS = Object.keys(SUMS) as readonly SeriesField[];

/** The sums behind the fields, each once; the imps are always there, as a bucket needs some. */
export function sumsBehind(fields: readonly SeriesField[]): readonly (keyof Measures)[] {
  return [...new Set<keyof Measures>(['offered', ...fields.flatMap((name) => SUMS[name])])];
}
