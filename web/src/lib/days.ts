/** The daily trend, which must not hold up a page: the warehouse may be busy with somebody's question. */
import { isServer } from 'solid-js/web';
import { type Asked, asked } from './api.ts';
import type { DayAnswer } from './answers.ts';

/** Days of the daily trend. */
const DAYS = 14;
const DAY_MS = 86_400_000;
/** How long the server's page waits for them; the browser asks again where they did not come. */
const PAINT_MS = 25;

/** What came last is shown for so long before it is asked for again; the browser does so by itself. */
const FRESH_MS = 5_000;

/** On the server: what came last, for pages painted while the next answer is on its way. */
let kept: DayAnswer[] | undefined;
let keptAt = 0;

export async function loadDays(): Promise<Asked<DayAnswer[]>> {
  const since = new Date(Math.floor(Date.now() / DAY_MS) * DAY_MS - (DAYS - 1) * DAY_MS);
  const path = `/api/outcomes/daily_stats/?since=${since.toISOString()}`;
  const { answer, problem } = await asked<{ results: DayAnswer[] }>(path);
  return problem ? { problem } : { answer: answer.results };
}

/** For the first paint: what can be had at once. */
export async function daysAtOnce(): Promise<DayAnswer[] | undefined> {
  if (!isServer) return (await loadDays()).answer;
  if (kept && Date.now() - keptAt < FRESH_MS) return kept;
  const loaded = loadDays().then(({ answer: days }) => {
    if (days) [kept, keptAt] = [days, Date.now()];
    return kept;
  });
  const waited = new Promise<undefined>((resolve) => setTimeout(resolve, PAINT_MS));
  return await Promise.race([loaded, waited.then(() => kept)]);
}
