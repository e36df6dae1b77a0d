/** The tiles' figures out of the feed's seconds: pure. */
import type { LiveSecond, LiveTotals } from '#shared/model/live.ts';
import { MICROS_PER_CPM } from '#shared/model/money.ts';

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
  /** Average clearing price of the last minute, CPM; null where nobody won. */
  price: number | null;
}

export function liveFigures(seconds: readonly LiveSecond[]): LiveFigures {
  const window = seconds.slice(-WINDOW_S);
  const lastMinute = seconds.slice(-MINUTE_S);
  return {
    auctionsPerS: window.length === 0 ? 0 : sum(window, ({ auctions }) => auctions) / window.length,
    fillRate: fillRate(lastMinute),
    imps: sum(lastMinute, ({ imps }) => imps),
    revenuePerMinute: sum(lastMinute, ({ revenueMicros }) => revenueMicros) / MICROS_OF_MONEY,
    price: clearingPrice(lastMinute),
  };
}

/** Of how many seconds bids are known, where these are fewer than are shown, as after a start. */
export function secondsOfBids(
  { seconds, bidsSince }: Pick<LiveTotals, 'seconds' | 'bidsSince'>,
): number | undefined {
  const first = seconds[0]?.at ?? Infinity;
  return bidsSince > first ? seconds.at(-1)!.at + 1 - bidsSince : undefined;
}

export function sum(
  seconds: readonly LiveSecond[],
  of: (second: LiveSecond) => number,
): number {
  return seconds.reduce((total, second) => total + of(second), 0);
}

/** Share of imps that were sold; null without any. */
export function fillRate(seconds: readonly LiveSecond[]): number | null {
  const imps = sum(seconds, (second) => second.imps);
  return imps === 0 ? null : sum(seconds, ({ won }) => won) / imps;
}

/** Average price paid, CPM; null where nobody won. */
export function clearingPrice(seconds: readonly LiveSecond[]): number | null {
  const won = sum(seconds, (second) => second.won);
  return won === 0 ? null : sum(seconds, ({ priceMicros }) => priceMicros) / won / MICROS_PER_CPM;
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
