import { Title } from '@solidjs/meta';
import { createResource, Match, Suspense, Switch } from 'solid-js';
import { LiveBoard } from '../components/live-board.tsx';
import { Failure, Loading } from '../components/states.tsx';
import { api, apiOrNothing } from '../lib/api.ts';
import type { DayAnswer, LiveAnswer, SampleTraffic } from '../lib/answers.ts';
import { daysAtOnce } from '../lib/days.ts';

export interface LivePage {
  live: LiveAnswer;
  /** Undefined when they were not there in time. */
  days: DayAnswer[] | undefined;
  /** Absent where sample traffic is not allowed. */
  sample: SampleTraffic | undefined;
}

async function load(): Promise<LivePage> {
  const [live, days, sample] = await Promise.all([
    api<LiveAnswer>('/api/live'),
    daysAtOnce(),
    apiOrNothing<SampleTraffic>('/api/sample-traffic'),
  ]);
  return { live, days, sample };
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
