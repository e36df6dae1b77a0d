/** How numbers and names appear in the sentences that explain a bid's fate. */

/** A name in a sentence is cut after this many characters: it comes from a bidder and may be any length. */
const QUOTED_LENGTH_MAX = 64;
/** Items of a list that are spelled out; more would make a sentence nobody reads. */
const LISTED_MAX = 6;

const MICROS_PER_CPM = 1_000_000;

/** `0.20 CPM`; two decimals, up to six where the amount needs them. No locale, so that a replay gives the same text. */
export function cpm(micros: number): string {
  const whole = Math.floor(micros / MICROS_PER_CPM);
  // With a one before them the decimals keep their leading zeros.
  let decimals = MICROS_PER_CPM + ((micros - whole * MICROS_PER_CPM) | 0);
  for (let places = 6; places > 2 && decimals % 10 === 0; places--) decimals = (decimals / 10) | 0;
  return `${whole}.${String(decimals).slice(1)} CPM`;
}

/** A name in double quotes, cut where it is very long. */
export function quoted(name: string): string {
  return name.length <= QUOTED_LENGTH_MAX ? `"${name}"` : `"${name.slice(0, QUOTED_LENGTH_MAX)}…"`;
}

/** `a, b, c and 4 more`. */
export function listed(items: readonly (string | number)[]): string {
  if (items.length <= LISTED_MAX) return items.join(', ');
  return `${items.slice(0, LISTED_MAX).join(', ')} and ${items.length - LISTED_MAX} more`;
}
