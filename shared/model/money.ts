/**
 * Money is integer micros of CPM (cost per thousand impressions) with the currency beside it:
 * 1.25 CPM is 1_250_000. OpenRTB carries decimal CPM; it is converted once, at the edge.
 */

/** Micros in one unit of CPM. */
export const MICROS_PER_CPM = 1_000_000;

/**
 * The grid of clearing prices, 0.001 CPM: a price on it costs a whole number of micros of the
 * currency for one impression (CPM is for a thousand).
 */
export const PRICE_STEP_MICROS = 1_000;

/** OpenRTB 2.6 §4.4.1 uses 0.01 as the step above the second price. */
export const SECOND_PRICE_INCREMENT_MICROS = 10_000;

/** Highest price accepted anywhere: 1,000,000 CPM, far under the limit of safe integers. */
export const PRICE_MICROS_MAX = 1_000_000 * MICROS_PER_CPM;

/** The exchange's currency; every amount is in it until conversion exists. */
export const CURRENCY = 'USD';

/** Decimal CPM (as OpenRTB has it) to micros, rounded to the nearest micro. */
export function cpmToMicros(cpm: number): number {
  return Math.round(cpm * MICROS_PER_CPM);
}

/** Micros to decimal CPM, for answers and people. */
export function microsToCpm(micros: number): number {
  return micros / MICROS_PER_CPM;
}

/** `micros` rounded down to the grid of clearing prices. */
export function floorToPriceStep(micros: number): number {
  return micros - (micros % PRICE_STEP_MICROS);
}

/** What one impression costs at this price, which is for a thousand; in micros of the currency. */
export function impressionMicros(priceMicros: number): number {
  return priceMicros / IMPRESSIONS_PER_PRICE;
}
const IMPRESSIONS_PER_PRICE = 1_000;
