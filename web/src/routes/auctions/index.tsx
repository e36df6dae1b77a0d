import { Title } from '@solidjs/meta';
import { useNavigate } from '@solidjs/router';
import { createMemo, createResource, createSignal, Match, on, Show, Switch } from 'solid-js';
import { AuctionFilters, FilterActions } from '../../components/auction-filters.tsx';
import { AuctionSearch } from '../../components/auction-search.tsx';
import { Card } from '../../components/card.tsx';
import { Chart } from '../../components/chart.tsx';
import { DownloadIcon } from '../../components/icons.tsx';
import { Legend } from '../../components/legend.tsx';
import { type Nothing, OutcomeTable } from '../../components/outcome-table.tsx';
import { Failure, NoChart, Skeleton } from '../../components/states.tsx';
import { api, asked } from '../../lib/api.ts';
import type { OutcomesAnswer, StatsAnswer } from '../../lib/answers.ts';
import { seriesOption } from '../../lib/chart-options.ts';
import {
  filterQuery,
  filtersSet,
  orderOf,
  pageQuery,
  type Search,
  type SortName,
  sortOf,
} from '../../lib/filters.ts';
import { averageCpm, count, money, percent } from '../../lib/format.ts';
import { keepList, keptList, type ShownRows } from '../../lib/kept-list.ts';
import { useSearch } from '../../lib/search.ts';
import { loadSeries, spanOf } from '../../lib/series.ts';

/** Rows of one page, about a screen: each may lie in a granule of its own, which is read whole. */
const LIMIT = 25;

/** Said where no row has the id that was looked for. */
const NO_REQUEST: Nothing = {
  title: 'No outcome fits',
  words: 'No auction has this id, nor came one of a request with this id within the time and the ' +
    'other filters. A request that is refused (400) leads to no auction.',
};
/** Said where nothing narrows the list. */
const NO_AUCTION: Nothing = {
  title: 'No auction yet',
  words: 'The live page says how to send the first bid.',
};

/** `/auctions`: find any outcome. Filters, order and range are in the URL. */
export default function Auctions() {
  const [search, setSearch] = useSearch<keyof Search>();
  const navigate = useNavigate();
  const [refreshes, setRefreshes] = createSignal(0);
  const chosen = createMemo(() => filterQuery(search, 0).toString());
  /** Of this entry of the history, where somebody comes back to it. */
  const kept = keptList();
  /** When these filters were asked for: pages further down stay in the same time range. */
  const askedAt = createMemo(
    on([chosen, refreshes], (_, before) => before ? Date.now() : kept?.askedAt ?? Date.now()),
  );
  const question = createMemo(
    () => {
      const now = askedAt();
      return {
        now,
        first: `/api/outcomes/?${pageQuery(search, now, { limit: LIMIT })}`,
        filters: filterQuery(search, now).toString(),
        next: (cursor: string) =>
          `/api/outcomes/?${pageQuery(search, now, { limit: LIMIT, cursor })}`,
      };
    },
    undefined,
    { equals: (a, b) => a.first === b.first && a.now === b.now },
  );
  /** Order and fields of the list are nothing to the sums; asked for again they are summed up again. */
  const sums = createMemo(
    () => ({ query: question().filters, now: question().now }),
    undefined,
    { equals: (a, b) => a.query === b.query && a.now === b.now },
  );

  const refresh = (): void => void setRefreshes(refreshes() + 1);
  const [list] = createResource(
    question,
    ({ first, now }) =>
      kept?.path === first && kept.askedAt === now
        ? { answer: kept.first }
        : asked<OutcomesAnswer>(first),
  );
  const leave = (first: OutcomesAnswer, shown: ShownRows): void => {
    if (list.loading) return;
    keepList({ askedAt: question().now, path: question().first, first, shown });
  };
  const [stats] = createResource(
    sums,
    ({ query }) => asked<StatsAnswer>(`/api/outcomes/stats/?${query}`),
  );
  const [series] = createResource(sums, ({ query }) => loadSeries(query));
  const nothing = () =>
    search.request_id ? NO_REQUEST : filtersSet(search) === 0 ? NO_AUCTION : undefined;
  const sortBy = (sort: SortName): void => {
    const order = sortOf(search) === sort && orderOf(search) === 'desc' ? 'asc' : 'desc';
    setSearch({
      sort: sort === 'time' ? undefined : sort,
      order: order === 'asc' ? order : undefined,
    });
  };

  return (
    <>
      <Title>Auctions · Helios</Title>
      <header class='page-head'>
        <h1>Auctions</h1>
        <Show when={stats.latest?.answer}>
          {(now) => <span class='muted num' aria-busy={stats.loading}>{inWords(now())}</span>}
        </Show>
        <span class='spring' />
        <AuctionSearch
          search={search}
          onChange={(change) => setSearch(change)}
          onAuction={(id) => navigate(`/auctions/${id}`)}
        />
        <button class='button' type='button' onClick={refresh}>
          Refresh
        </button>
        <a
          class='button'
          href={`/api/outcomes.csv?${question().filters}`}
          rel='external'
          download=''
        >
          <DownloadIcon />CSV
        </a>
      </header>
      <div class='stack'>
        <Card
          title='Filters'
          flush
          actions={<FilterActions search={search} onChange={(change) => setSearch(change)} />}
        >
          <AuctionFilters search={search} onChange={(change) => setSearch(change)} />
        </Card>
        <Card
          title='Impressions over time'
          note={series.latest?.answer && spanOf(series.latest.answer, !search.until)}
          actions={<Legend of={{ Won: 'won', 'No bid': 'lost' }} />}
        >
          <Show
            when={series.latest?.answer}
            fallback={<NoChart loading={series.loading} problem={series.latest?.problem} />}
          >
            {(now) => (
              <Chart
                size='small'
                busy={series.loading}
                summary={`Impressions over time in ${now().results.length} steps`}
                option={seriesOption(now())}
              />
            )}
          </Show>
        </Card>
        <Switch fallback={<Skeleton height='24rem' />}>
          <Match when={list.latest?.problem}>
            {(problem) => (
              <Card title='Outcomes'>
                <Failure error={problem()} retry={refresh} />
              </Card>
            )}
          </Match>
          <Match when={list.latest?.answer}>
            {(first) => (
              <OutcomeTable
                first={first()}
                shown={first() === kept?.first ? kept.shown : undefined}
                onLeave={(shown) => leave(first(), shown)}
                loading={list.loading}
                nothing={nothing()}
                more={(cursor) => api<OutcomesAnswer>(question().next(cursor))}
                sort={sortOf(search)}
                order={orderOf(search)}
                onSort={sortBy}
              />
            )}
          </Match>
        </Switch>
      </div>
    </>
  );
}

function inWords({ impressions_offered, won, ...sold }: StatsAnswer): string {
  if (impressions_offered === 0) return 'no impressions';
  const offered = `${count(impressions_offered)} impression${impressions_offered === 1 ? '' : 's'}`;
  if (won === 0) return `${offered}, none sold`;
  const [share, price] = [percent(sold.win_rate), averageCpm(sold.average_price)];
  return `${offered}, ${share} sold for ${
    money(sold.revenue, sold.currency)
  }, ${price} CPM on average`;
}
