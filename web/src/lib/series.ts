/** Impressions over the very time the totals cover. */
import { type Asked, asked } from './api.ts';
import type { OutcomesAnswer, SeriesAnswer } from './answers.ts';
import { date, dateTime } from './format.ts';

/** What the chart shows; to count auctions as well costs several times as much. */
const FIELDS = 'time,impressions_offered,won';
const DAY_MS = 86_400_000;

/**
 * @param filters a query of the API. Totals without a `since` are of all time, a series of a day: its
 * begin is the oldest outcome then.
 */
export async function loadSeries(filters: string): Promise<Asked<SeriesAnswer>> {
  const query = new URLSearchParams(filters);
  if (!query.has('since')) {
    const first = { sort: 'time', order: 'asc', limit: '1', fields: 'time' };
    const oldest = await asked<OutcomesAnswer>(
      `/api/outcomes/?${new URLSearchParams([...query, ...Object.entries(first)])}`,
    );
    if (oldest.problem) return { problem: oldest.problem };
    const [row] = oldest.answer.results;
    if (row) query.set('since', row.time);
  }
  query.set('fields', FIELDS);
  return await asked<SeriesAnswer>(`/api/outcomes/series?${query}`);
}

/**
 * `22 Nov, 14:00:05 to now, by hour`; of a long time the days say more than the seconds. Days and months
 * are those of UTC, where the times are the reader's.
 */
export function spanOf({ since, until, step }: SeriesAnswer, isOpen: boolean): string {
  const [from, to] = [Date.parse(since), Date.parse(until)];
  const name = to - from > 300 * DAY_MS ? date : dateTime;
  const steps = step === 'day' || step === 'month' ? `UTC ${step}` : step;
  return `${name(from)} to ${isOpen ? 'now' : name(to)}, by ${steps}`;
}
