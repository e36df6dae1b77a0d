/** Classes of prices and of answer times: counts that can be added up over instances and seconds. */
import type { ClassCounts } from '#shared/model/live-pulse.ts';

/**
 * Upper bounds of the price classes, micros of CPM: six to a decade from 0.01 to 100, rounded to
 * what a chart can write at its axis; a last class above.
 */
export const PRICE_BOUNDS_MICROS: readonly number[] = [1e4, 1e5, 1e6, 1e7].flatMap((decade) =>
  [1, 1.5, 2.2, 3.3, 4.7, 6.8].map((step) => decade * step)
);
export const PRICE_CLASSES = PRICE_BOUNDS_MICROS.length + 1;

/** The first class whose bound is not below the price. */
export function priceClass(priceMicros: number): number {
  let low = 0;
  let high = PRICE_BOUNDS_MICROS.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (PRICE_BOUNDS_MICROS[middle]! < priceMicros) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Whole ms up to here have a class each; above, {@link STEPS} to each doubling: 6 % at most. */
const EXACT_MS = 32;
const STEPS = 16;
/** Longer than any auction may take. */
const DOUBLINGS = 9;
export const TIME_CLASSES = EXACT_MS + STEPS * DOUBLINGS;
const LONGEST_MS = EXACT_MS * 2 ** DOUBLINGS;

export function timeClass(ms: number): number {
  if (!(ms >= 0)) return 0;
  if (ms < EXACT_MS) return Math.floor(ms);
  if (ms >= LONGEST_MS) return TIME_CLASSES - 1;
  const doubling = Math.floor(Math.log2(ms / EXACT_MS));
  const step = Math.floor((ms / (EXACT_MS * 2 ** doubling) - 1) * STEPS);
  return EXACT_MS + doubling * STEPS + step;
}

/** The shortest time of the class, ms. */
function timeOf(at: number): number {
  if (at < EXACT_MS) return at;
  const doubling = Math.floor((at - EXACT_MS) / STEPS);
  return EXACT_MS * 2 ** doubling * (1 + ((at - EXACT_MS) % STEPS) / STEPS);
}

/** The time that `share` of the counts do not exceed; null without counts. */
export function timeQuantile(counts: Uint32Array, share: number): number | null {
  let total = 0;
  for (const count of counts) total += count;
  if (total === 0) return null;
  let wanted = Math.max(1, Math.ceil(total * share));
  for (let at = 0; at < counts.length; at++) {
    wanted -= counts[at]!;
    if (wanted <= 0) return timeOf(at);
  }
  return timeOf(counts.length - 1);
}

/** Median and 99th percentile of answer times, ms. */
export function answerTimes(
  counts: Uint32Array,
): { p50Ms: number | null; p99Ms: number | null } {
  return { p50Ms: timeQuantile(counts, 0.5), p99Ms: timeQuantile(counts, 0.99) };
}

/** The counts that are there, as they go over the bus. */
export function toPairs(counts: Uint32Array): ClassCounts {
  const pairs: ClassCounts = [];
  for (let at = 0; at < counts.length; at++) {
    if (counts[at]! > 0) pairs.push([at, counts[at]!]);
  }
  return pairs;
}

/** Adds the pairs; a class that does not exist (of another version) is passed over. */
export function addPairs(counts: Uint32Array, pairs: ClassCounts): void {
  for (const [at, count] of pairs) if (at < counts.length) counts[at]! += count;
}
