import { Title } from '@solidjs/meta';
import { createResource, Match, Suspense, Switch } from 'solid-js';
import { LiveBoard } from '../components/live-board.tsx';
import { Failure, Loading } from '../components/states.tsx';
import { api, apiOrNothing } from '../lib/api.ts';
import type { DayAnswer, LiveAnswer, SampleTraffic } from '../lib/answers.ts';

/** Days of the daily trend. */
const DAYS = 14;
const DAY_MS = 86_400_000;

export interface LivePage {
  live: LiveAnswer;
  days: DayAnswer[] | undefined;
  /** Absent where sample traffic is not allowed. */
  sample: SampleTraffic | undefined;
  /** Where bids go. */
  origin: string;
}

export async function loadDays(): Promise<DayAnswer[] | undefined> {
  const since = new Date(Math.floor(Date.now() / DAY_MS) * DAY_MS - (DAYS - 1) * DAY_MS);
  const path = `/api/outcomes/daily_stats/?since=${since.toISOString()}`;
  return (await apiOrNothing<{ results: DayAnswer[] }>(path))?.results;
}

async function load(): Promise<LivePage> {
  const [live, days, sample] = await Promise.all([
    api<LiveAnswer>('/api/live'),
    loadDays(),
    apiOrNothing<SampleTraffic>('/api/sample-traffic'),
  ]);
  return { live, days, sample, origin: '' };
}

/** `/`: what is happening now. */
export default function Live() {
  const [page, { refetch }] = createResource(load);
  return (
    <>
      <Title>Live · Helios</Title>
      <Suspense fallback={<Loading what='the live figures' />}>
        <Switch>
          <Match when={page.error}>
            <Failure error={page.error} retry={() => void refetch()} />
          </Match>
          <Match when={page()}>{(ready) => <LiveBoard page={ready()} />}</Match>
        </Switch>
      </Suspense>
    </>
  );
}
