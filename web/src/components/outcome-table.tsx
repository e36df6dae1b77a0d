import { useBeforeLeave, useNavigate } from '@solidjs/router';
import { createEffect, createSignal, type JSX, on, onMount, Show } from 'solid-js';
import type { ListedOutcome, OutcomesAnswer } from '../lib/answers.ts';
import type { SortName } from '../lib/filters.ts';
import { count, cpm, dateTime, milliseconds, zoneName } from '../lib/format.ts';
import type { ShownRows } from '../lib/kept-list.ts';
import { opensRow } from '../lib/open-row.ts';
import { Badge } from './badge.tsx';
import { Card } from './card.tsx';
import { Empty, Failure } from './states.tsx';
import { VirtualRows } from './virtual-rows.tsx';

export interface Nothing {
  title: string;
  words: string;
}

interface TableProps {
  first: OutcomesAnswer;
  /** What it showed of that list when it was left. */
  shown?: ShownRows | undefined;
  onLeave?(shown: ShownRows): void;
  /** Another first page is on its way. */
  loading: boolean;
  more(cursor: string): Promise<OutcomesAnswer>;
  sort: SortName;
  order: 'asc' | 'desc';
  onSort(sort: SortName): void;
  /** Why there is no row; of filters in general without it. */
  nothing?: Nothing | undefined;
}

const NONE_FITS: Nothing = {
  title: 'No outcome fits',
  words: 'Take a filter away or choose a longer time.',
};
/** Rows before the end at which the next page is asked for. */
const AHEAD = 10;
/** Pixels of the list on the server's page, about a window. */
const FIRST_HEIGHT = 680;

/** Any number of outcomes; only what is in sight is drawn, and pages come while scrolling. */
export function OutcomeTable(props: TableProps) {
  const navigate = useNavigate();
  const { shown } = props;
  const [rows, setRows] = createSignal<ListedOutcome[]>(shown?.rows ?? props.first.results);
  const [next, setNext] = createSignal(shown ? shown.next : props.first.next);
  const [failed, setFailed] = createSignal<unknown>();
  const [place, setPlace] = createSignal<HTMLDivElement>();
  /** The list another page of which is on its way. */
  let asking: OutcomesAnswer | undefined;

  createEffect(on(() => props.first, (first) => {
    setRows(first.results);
    setNext(first.next);
    setFailed(undefined);
    place()?.scrollTo(0, 0);
  }, { defer: true }));
  onMount(() => {
    if (!shown) return;
    place()?.scrollTo(0, shown.scrolled.table);
    scrollTo(0, shown.scrolled.window);
  });
  useBeforeLeave(({ to }) => {
    // Back and Forward have left this entry of the history already.
    if (typeof to !== 'string') return;
    const scrolled = { table: place()?.scrollTop ?? 0, window: scrollY };
    props.onLeave?.({ rows: rows(), next: next(), scrolled });
  });

  const load = async (): Promise<void> => {
    const cursor = next();
    const { first } = props;
    if (!cursor || props.loading || asking === first) return;
    asking = first;
    try {
      const page = await props.more(cursor);
      // Meanwhile other filters may have been chosen.
      if (first !== props.first) return;
      setRows([...rows(), ...page.results]);
      setNext(page.next);
      setFailed(undefined);
    } catch (error) {
      if (first === props.first) setFailed(error);
    } finally {
      if (asking === first) asking = undefined;
    }
  };
  const reach = (last: number): void => {
    if (last >= rows().length - AHEAD && !failed()) void load();
  };

  const Head = (
    column: {
      sort?: SortName;
      n?: boolean;
      wide?: boolean;
      of?: 'fate' | 'seat';
      children: JSX.Element;
    },
  ) => (
    <th
      classList={{
        n: column.n ?? false,
        'wide-only': column.wide ?? false,
        fate: column.of === 'fate',
        seat: column.of === 'seat',
      }}
      aria-sort={column.sort === undefined
        ? undefined
        : column.sort !== props.sort
        ? 'none'
        : props.order === 'asc'
        ? 'ascending'
        : 'descending'}
    >
      <Show when={column.sort} fallback={column.children}>
        {(sort) => (
          <button type='button' onClick={() => props.onSort(sort())}>
            {column.children}
            <span aria-hidden='true'>
              {sort() === props.sort ? (props.order === 'asc' ? '↑' : '↓') : ''}
            </span>
          </button>
        )}
      </Show>
    </th>
  );

  return (
    <Card
      title='Outcomes'
      flush
      note={`${props.first.total_at_least ? 'more than ' : ''}${
        count(props.first.total)
      } · times in ${zoneName()}`}
    >
      <div
        ref={setPlace}
        class='scroll virtual'
        tabindex='0'
        role='region'
        aria-label='Rows of outcomes'
        aria-busy={props.loading}
      >
        <table class='table' aria-rowcount={props.first.total}>
          <thead>
            <tr>
              <Head sort='time'>Time</Head>
              <Head>Site or app</Head>
              <Head wide>User</Head>
              <Head of='fate'>Result</Head>
              <Head of='seat' wide>Seat</Head>
              <Head wide>Campaign</Head>
              <Head sort='floor' n wide>Floor</Head>
              <Head sort='bid' n wide>Bid</Head>
              <Head sort='price' n>Pays</Head>
              <Head sort='bids' n wide>Bids</Head>
              <Head sort='answer_ms' n wide>ms</Head>
            </tr>
          </thead>
          <VirtualRows
            rows={rows()}
            place={place}
            firstHeight={FIRST_HEIGHT}
            firstOffset={shown?.scrolled.table}
            onReach={reach}
          >
            {(row) => (
              <tr
                data-auction={row.auction_id}
                data-href
                onClick={(event) => opensRow(event) && navigate(`/auctions/${row.auction_id}`)}
              >
                <td>
                  <a href={`/auctions/${row.auction_id}`}>{dateTime(Date.parse(row.time))}</a>
                </td>
                <td title={row.site_domain ?? undefined}>{row.site_domain ?? '–'}</td>
                <td class='wide-only' title={row.user_id ?? undefined}>{row.user_id ?? '–'}</td>
                <td>
                  <Badge fate={row.win_status} />
                  <Show when={row.test}>
                    {' '}
                    <Badge fate='test' />
                  </Show>
                </td>
                <td class='wide-only' title={row.seat ?? undefined}>{row.seat ?? '–'}</td>
                <td class='wide-only' title={row.campaign ?? undefined}>{row.campaign ?? '–'}</td>
                <td class='n wide-only'>{cpm(row.floor)}</td>
                <td class='n wide-only'>{cpm(row.bid_price)}</td>
                <td class='n'>{cpm(row.price)}</td>
                <td class='n wide-only'>{row.bids}</td>
                <td class='n wide-only'>{milliseconds(row.answer_ms)}</td>
              </tr>
            )}
          </VirtualRows>
        </table>
        <Show when={failed()}>
          <Failure
            error={failed()}
            retry={() => {
              setFailed(undefined);
              void load();
            }}
          />
        </Show>
        <Show when={rows().length === 0}>
          <Empty title={(props.nothing ?? NONE_FITS).title}>
            {(props.nothing ?? NONE_FITS).words}
          </Empty>
        </Show>
      </div>
    </Card>
  );
}
