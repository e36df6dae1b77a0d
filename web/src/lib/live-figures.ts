/** The tiles' figures out of the feed's seconds: pure. */
import type { LiveSecond } from '#shared/model/live.ts';

/** Seconds a figure is taken over: one second alone jumps too much to be read. */
const WINDOW_S = 10;
const MINUTE_S = 60;
/** Micros of CPM are a thousandth of a micro of money per impression. */
const MICROS_OF_MONEY = 1_000_000_000;

export interface LiveFigures {
  auctionsPerS: number;
  /** Of imps in the last minute; null without any. */
  fillRate: number | null;
  imps: number;
  revenuePerMinute: number;
  /** Average clearing price of the last minute, CPM. */
  price: number | null;
  p50Ms: number | null;
  p99Ms: number | null;
}

export function liveFigures(seconds: readonly LiveSecond[]): LiveFigures {
  const window = seconds.slice(-WINDOW_S);
  const lastMinute = seconds.slice(-MINUTE_S);
  const sum = (rows: readonly LiveSecond[], of: (second: LiveSecond) => number): number =>
    rows.reduce((total, second) => total + of(second), 0);
  const imps = sum(lastMinute, (second) => second.imps);
  const won = sum(lastMinute, (second) => second.won);
  return {
    auctionsPerS: window.length === 0 ? 0 : sum(window, ({ auctions }) => auctions) / window.length,
    fillRate: imps === 0 ? null : won / imps,
    imps,
    revenuePerMinute: sum(lastMinute, ({ revenueMicros }) => revenueMicros) / MICROS_OF_MONEY,
    price: won === 0 ? null : sum(lastMinute, ({ priceMicros }) => priceMicros) / won / 1_000_000,
    p50Ms: weighted(lastMinute, ({ p50Ms }) => p50Ms),
    p99Ms: highest(lastMinute, ({ p99Ms }) => p99Ms),
  };
}

/** Average of the seconds' values, each with the weight of its auctions. */
function weighted(
  seconds: readonly LiveSecond[],
  of: (second: LiveSecond) => number | null,
): number | null {
  let sum = 0;
  let weight = 0;
  for (const second of seconds) {
    const value = of(second);
    if (value === null) continue;
    sum += value * second.auctions;
    weight += second.auctions;
  }
  return weight === 0 ? null : sum / weight;
}

function highest(
  seconds: readonly LiveSecond[],
  of: (second: LiveSecond) => number | null,
): number | null {
  const values = seconds.map(of).filter((value) => value !== null);
  return values.length === 0 ? null : Math.max(...values);
}

/** Sums of neighbouring seconds, for courses narrower than 300 points. */
export function course(
  seconds: readonly LiveSecond[],
  of: (rows: readonly LiveSecond[]) => number | null,
  points = 50,
): (number | null)[] {
  const size = Math.max(1, Math.ceil(seconds.length / points));
  const parts: (number | null)[] = [];
  for (let end = seconds.length; end > 0; end -= size) {
    parts.unshift(of(seconds.slice(Math.max(0, end - size), end)));
  }
  return parts;
}
