/** Rows of the warehouse as the API shows them: decimal prices, ISO times, null where there is nothing. */
import { parseAuctionId } from '#shared/model/auction-id.ts';
import { CURRENCY, MICROS_PER_CPM, microsToCpm } from '#shared/model/money.ts';
import type { OutcomeFilters } from './filters.ts';
import type { DailyRow, Measures, StatsRow, WinnerRow } from './queries.ts';
import { SERIES_FIELDS, type SeriesField } from './series-fields.ts';
import type { SeriesRow } from './series.ts';

export const DAY_MS = 86_400_000;
/** Days of one answer: ten years, about 700 kB. */
export const DAYS_MAX = 3_660;
/** CPM is the price of so many impressions. */
const IMPRESSIONS_PER_CPM = 1_000;

/** Rates are shares from 0 to 1, null when there is nothing to divide by. */
export function statsAnswer(row: StatsRow, filters: OutcomeFilters) {
  const some = row.offered > 0;
  return {
    ...measuresAnswer(row),
    average_bid: averageCpm(row.bid_sum, row.won),
    average_answer_ms: ratio(row.answer_sum, row.offered, 3),
    p50_answer_ms: row.answer_quantiles[0],
    p99_answer_ms: row.answer_quantiles[1],
    since: isoTime(filters.sinceMs ?? (some ? row.first_ms : undefined)),
    until: isoTime(filters.untilMs ?? (some ? row.last_ms : undefined)),
  };
}

/**
 * One answer per UTC day, oldest first, days without traffic included: from `since`, else the first
 * day with traffic, to the last moment before `until`, else today. At most {@link DAYS_MAX}.
 */
export function dailyAnswers(rows: readonly DailyRow[], filters: OutcomeFilters, now: number) {
  const { sinceMs, untilMs } = filters;
  const traffic = new Map(rows.map((row) => [row.utc_day, row]));
  const days = rows.map(({ utc_day }) => Date.parse(utc_day));
  // Clocks differ: a day that has traffic is shown even if it has not begun here.
  const last = untilMs === undefined ? Math.max(midnight(now), ...days.slice(-1)) : untilMs - 1;
  const first = sinceMs ?? days[0] ?? Infinity;
  const answers = [];
  const oldest = Math.max(midnight(first), midnight(last) - (DAYS_MAX - 1) * DAY_MS);
  for (let day = oldest; day <= last; day += DAY_MS) {
    const name = utcDay(day);
    answers.push({ day: name, ...measuresAnswer(traffic.get(name) ?? NOTHING) });
  }
  return answers;
}

/** One answer per bucket of a series, traffic or not, of what the fields name. */
export function seriesAnswers(
  rows: readonly SeriesRow[],
  starts: readonly number[],
  fields: readonly SeriesField[] = SERIES_FIELDS,
): Partial<Record<SeriesField, string | number | null>>[] {
  const traffic = new Map(rows.map((row) => [row.start_ms, row]));
  return starts.map((start) => {
    const whole = {
      time: isoTime(start),
      ...measuresAnswer({ ...NOTHING, ...traffic.get(start) }),
    };
    return Object.fromEntries(fields.map((name) => [name, whole[name]]));
  });
}

export function winnerAnswer(row: WinnerRow) {
  return {
    seat: row.seat,
    campaign: row.campaign_id,
    won: row.won,
    revenue: revenue(row.revenue_micros),
    average_price: averageCpm(row.price_sum, row.won),
    average_bid: averageCpm(row.bid_sum, row.won),
  };
}

/** ISO 8601 time of an auction, from its id. */
export function auctionTime(auctionId: string): string {
  return new Date(parseAuctionId(auctionId)!.timeMs).toISOString();
}

/** `2026-11-22` of an epoch time. */
export function utcDay(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10);
}

function measuresAnswer(row: Measures) {
  return {
    auctions: row.auctions,
    impressions_offered: row.offered,
    won: row.won,
    win_rate: ratio(row.won, row.offered, 6),
    revenue: revenue(row.revenue_micros),
    currency: CURRENCY,
    average_price: averageCpm(row.price_sum, row.won),
    enriched_share: ratio(row.enriched_rows, row.offered, 6),
  };
}

const NOTHING: Measures = {
  auctions: 0,
  offered: 0,
  won: 0,
  revenue_micros: 0,
  price_sum: 0,
  bid_sum: 0,
  enriched_rows: 0,
};

/** Units of currency; the sum is whole micros, so nothing is lost before this division. */
function revenue(micros: number): number {
  return micros / (MICROS_PER_CPM * IMPRESSIONS_PER_CPM);
}

function averageCpm(sumMicros: number, count: number): number | null {
  return count === 0 ? null : microsToCpm(Math.round(sumMicros / count));
}

function ratio(part: number, whole: number, decimals: number): number | null {
  return whole === 0 ? null : rounded(part / whole, decimals);
}

export function rounded(value: number, decimals: number): number {
  const factor = 10 ** decimals;
  return Math.round(value * factor) / factor;
}

/** ISO 8601, null where there is none. */
export function isoTime(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}

function midnight(ms: number): number {
  return Math.floor(ms / DAY_MS) * DAY_MS;
}
