import { createMemo, createSignal, onCleanup, onMount, Show } from 'solid-js';
import {
  daysOption,
  daysSummary,
  pricesOption,
  pricesSummary,
  trafficOption,
  trafficSummary,
} from '../lib/chart-options.ts';
import {
  averageCpm,
  clock,
  count,
  milliseconds,
  money,
  percent,
  rate,
  SMALL_SAMPLE,
} from '../lib/format.ts';
import {
  clearingPrice,
  course,
  fillRate,
  liveFigures,
  secondsOfBids,
  sum,
} from '../lib/live-figures.ts';
import { useLive } from '../live/provider.tsx';
import type { Problem } from '../lib/api.ts';
import { loadDays } from '../lib/days.ts';
import type { LivePage } from '../routes/index.tsx';
import { type Bar, BarList } from './bar-list.tsx';
import { Card } from './card.tsx';
import { Chart } from './chart.tsx';
import { FirstSteps } from './first-steps.tsx';
import { Legend } from './legend.tsx';
import { SampleNotice } from './sample-notice.tsx';
import { sampleTraffic } from '../live/sample-traffic.ts';
import { NoChart } from './states.tsx';
import { Stream } from './stream.tsx';
import { Tile } from './tile.tsx';
import type { DayAnswer } from '../lib/answers.ts';
import type { LiveTop, LiveTotals } from '#shared/model/live.ts';

/** The daily trend moves slowly; so often it is read again. */
const DAYS_EVERY_MS = 10_000;

export function LiveBoard(props: { page: LivePage }) {
  const live = useLive();
  live.seed(props.page.live);
  const sample = sampleTraffic(props.page.sample);
  onMount(() => {
    onCleanup(live.subscribe('totals'));
    onCleanup(live.subscribe('auctions'));
  });

  const [days, setDays] = createSignal(props.page.days);
  const [loaded, setLoaded] = createSignal(props.page.days !== undefined);
  const [noDays, setNoDays] = createSignal<Problem>();
  const readDays = async (): Promise<void> => {
    const { answer, problem } = await loadDays();
    setLoaded(true);
    setNoDays(problem);
    if (answer) setDays(answer);
  };
  onMount(() => {
    if (!loaded()) void readDays();
    const timer = setInterval(() => {
      if (!document.hidden) void readDays();
    }, DAYS_EVERY_MS);
    onCleanup(() => clearInterval(timer));
  });

  const totals = () => live.feed().totals ?? props.page.live.totals.data;
  const seconds = () => totals().seconds;
  const figures = createMemo(() => liveFigures(seconds()));
  /** Bids of the time before a start are not known. */
  const noteOfBids = (note: string): string => {
    const known = secondsOfBids(totals());
    return known === undefined ? note : `${note}, last ${count(known)} s`;
  };
  const quiet = () => live.feed().rows.length === 0;
  const nothingEver = () => quiet() && days()?.every(({ auctions }) => auctions === 0);

  return (
    <>
      <header class='page-head'>
        <h1>Live</h1>
        <span class='muted'>the last five minutes</span>
        <span class='spring' />
        <SampleNotice sample={sample} />
      </header>
      <Show when={live.state() === 'offline' || live.state() === 'stale'}>
        <p class='notice' data-kind='bad' role='status'>
          {live.state() === 'offline'
            ? 'The connection is lost and tried again.'
            : 'The exchange has been silent for seconds.'} What is shown is as of{' '}
          {clock(totals().now)}.
        </p>
      </Show>
      <Show when={nothingEver()}>
        <FirstSteps sample={sample} />
      </Show>
      <dl class='tiles' aria-label='Figures of the last minute'>
        <Tile
          id='auctions'
          name='Auctions per second'
          value={rate(figures().auctionsPerS)}
          course={course(seconds(), (rows) => sum(rows, ({ auctions }) => auctions))}
        />
        <Tile
          id='fill'
          name={figures().imps > 0 && figures().imps < SMALL_SAMPLE
            ? `Fill rate, of ${count(figures().imps)} only`
            : 'Fill rate'}
          value={percent(figures().fillRate)}
          course={course(seconds(), fillRate)}
        />
        <Tile
          id='revenue'
          name='Revenue per minute'
          value={money(figures().revenuePerMinute, totals().currency)}
          course={course(
            seconds(),
            (rows) => sum(rows, ({ revenueMicros }) => revenueMicros),
          )}
        />
        <Tile
          id='price'
          name='Clearing price'
          value={averageCpm(figures().price)}
          unit='CPM'
          course={course(seconds(), clearingPrice)}
        />
        <Tile
          id='p50'
          name='Answer time, median'
          value={milliseconds(totals().p50Ms)}
          unit='ms'
          course={course(seconds(), (rows) => Math.max(...rows.map(({ p50Ms }) => p50Ms ?? 0)))}
        />
        <Tile
          id='p99'
          name='Answer time, p99'
          value={milliseconds(totals().p99Ms)}
          unit='ms'
          course={course(seconds(), (rows) => Math.max(...rows.map(({ p99Ms }) => p99Ms ?? 0)))}
        />
      </dl>
      <div class='grid'>
        <Card
          title='Auctions and fill'
          span={8}
          actions={<Legend of={{ 'Auctions/s': 'accent', 'Fill rate': 'won' }} />}
        >
          <Chart summary={trafficSummary(seconds())} option={trafficOption(seconds())} />
        </Card>
        <Card
          title='Prices of bids'
          note={noteOfBids('CPM')}
          span={4}
          actions={<Legend of={{ Won: 'won', Lost: 'lost' }} />}
        >
          <Chart summary={pricesSummary(totals().prices)} option={pricesOption(totals().prices)} />
        </Card>
        <Stream span={8} />
        <div class='stack' data-span='4'>
          <Card title='Top seats' note={noteOfBids('won of bid on')}>
            <BarList
              bars={bars(totals().seats, totals(), 'seat')}
              empty='Seats that win appear here.'
            />
          </Card>
          <Card title='Top sites and apps' note='revenue'>
            <BarList
              bars={bars(totals().sites, totals(), 'site_domain')}
              empty='Sites that sell appear here.'
            />
          </Card>
        </div>
        <DailyTrend days={days()} loaded={loaded()} problem={noDays()} />
      </div>
    </>
  );
}

function bars(tops: readonly LiveTop[], { currency }: LiveTotals, by: string): Bar[] {
  const most = Math.max(1, ...tops.map(({ revenueMicros }) => revenueMicros));
  return tops.slice(0, 6).map(({ name, won, offered, revenueMicros }) => ({
    name,
    figure: by === 'seat'
      ? `${percent(offered === 0 ? null : won / offered)} · ${money(revenueMicros / 1e9, currency)}`
      : money(revenueMicros / 1e9, currency),
    share: revenueMicros / most,
    href: `/auctions?${by}=${encodeURIComponent(name)}`,
  }));
}

interface DailyTrendProps {
  days: DayAnswer[] | undefined;
  loaded: boolean;
  /** Why there are none. */
  problem: Problem | undefined;
}

function DailyTrend(props: DailyTrendProps) {
  return (
    <Card
      title='Daily trend'
      note='two weeks, UTC days'
      span={12}
      actions={<Legend of={{ Revenue: 'accent', 'Win rate': 'won' }} />}
    >
      <Show
        when={props.days}
        fallback={<NoChart loading={!props.loaded} problem={props.problem} />}
      >
        {(rows) => <Chart size='small' summary={daysSummary(rows())} option={daysOption(rows())} />}
      </Show>
    </Card>
  );
}
