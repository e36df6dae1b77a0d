import { Title } from '@solidjs/meta';
import { createEffect, createResource, Match, on, Suspense, Switch } from 'solid-js';
import { LiveBoard } from '../components/live-board.tsx';
import { Failure, Loading } from '../components/states.tsx';
import { apiOrNothing, type Asked, asked } from '../lib/api.ts';
import type { DayAnswer, LiveAnswer, SampleTraffic } from '../lib/answers.ts';
import { daysAtOnce } from '../lib/days.ts';
import { useLive } from '../live/provider.tsx';

export interface LivePage {
  live: LiveAnswer;
  /** Undefined when they were not there in time. */
  days: DayAnswer[] | undefined;
  /** Absent where sample traffic is not allowed. */
  sample: SampleTraffic | undefined;
}

async function load(): Promise<Asked<LivePage>> {
  const [live, days, sample] = await Promise.all([
    asked<LiveAnswer>('/api/live'),
    daysAtOnce(),
    apiOrNothing<SampleTraffic>('/api/sample-traffic'),
  ]);
  return live.problem ? live : { answer: { live: live.answer, days, sample } };
}

/** `/`: what is happening now. */
export default function Live() {
  const live = useLive();
  const [page, { refetch }] = createResource(load);
  // A page that came while the exchange was away must not stay empty beside a connection that lives.
  createEffect(on(live.state, (state) => {
    if (state === 'live' && page.latest?.problem) void refetch();
  }));
  return (
    <>
      <Title>Live · Helios</Title>
      <Suspense fallback={<Loading what='the live figures' />}>
        <Switch>
          <Match when={page()?.problem}>
            {(problem) => <Failure error={problem()} retry={() => void refetch()} />}
          </Match>
          <Match when={page()?.answer}>{(ready) => <LiveBoard page={ready()} />}</Match>
        </Switch>
      </Suspense>
    </>
  );
}
