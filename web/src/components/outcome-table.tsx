import { useNavigate } from '@solidjs/router';
import { createVirtualizer } from '@tanstack/solid-virtual';
import { createEffect, createMemo, createSignal, For, type JSX, on, Show } from 'solid-js';
import type { OutcomeAnswer, OutcomesAnswer } from '../lib/answers.ts';
import type { SortName } from '../lib/filters.ts';
import { count, cpm, dateTime, milliseconds, zoneName } from '../lib/format.ts';
import { Badge } from './badge.tsx';
import { Card } from './card.tsx';
import { Empty, Failure } from './states.tsx';

interface TableProps {
  first: OutcomesAnswer;
  /** Another first page is on its way. */
  loading: boolean;
  more(cursor: string): Promise<OutcomesAnswer>;
  sort: SortName;
  order: 'asc' | 'desc';
  onSort(sort: SortName): void;
}

/** Pixels of a row: `--row`. */
const ROW_PX = 34;
/** Rows before the end at which the next page is asked for. */
const AHEAD = 30;
/** What the server draws, which knows no window. */
const FIRST_RECT = { width: 1_000, height: 680 };

/** Any number of outcomes; only what is in sight is drawn, and pages come while scrolling. */
export function OutcomeTable(props: TableProps) {
  const navigate = useNavigate();
  const [rows, setRows] = createSignal<OutcomeAnswer[]>(props.first.results);
  const [next, setNext] = createSignal(props.first.next);
  const [failed, setFailed] = createSignal<unknown>();
  let place!: HTMLDivElement;
  let asking = false;

  createEffect(on(() => props.first, (first) => {
    setRows(first.results);
    setNext(first.next);
    setFailed(undefined);
    place.scrollTop = 0;
  }, { defer: true }));

  const virtual = createVirtualizer({
    get count() {
      return rows().length;
    },
    getScrollElement: () => place,
    estimateSize: () => ROW_PX,
    overscan: 12,
    initialRect: FIRST_RECT,
  });
  const seen = createMemo(() => virtual.getVirtualItems());
  const before = () => seen()[0]?.start ?? 0;
  const after = () => virtual.getTotalSize() - (seen().at(-1)?.end ?? 0);

  const load = async (): Promise<void> => {
    const cursor = next();
    if (!cursor || asking) return;
    asking = true;
    const { first } = props;
    try {
      const page = await props.more(cursor);
      // Meanwhile other filters may have been chosen.
      if (first !== props.first) return;
      setRows([...rows(), ...page.results]);
      setNext(page.next);
      setFailed(undefined);
    } catch (error) {
      setFailed(error);
    } finally {
      asking = false;
    }
  };
  createEffect(() => {
    const last = seen().at(-1);
    if (last && last.index >= rows().length - AHEAD && !failed()) void load();
  });

  const Head = (
    column: { sort?: SortName; n?: boolean; wide?: boolean; children: JSX.Element },
  ) => (
    <th
      classList={{ n: column.n ?? false, 'wide-only': column.wide ?? false }}
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
        ref={place}
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
              <Head>Result</Head>
              <Head>Seat</Head>
              <Head wide>Campaign</Head>
              <Head sort='floor' n wide>Floor</Head>
              <Head sort='bid' n wide>Bid</Head>
              <Head sort='price' n>Pays</Head>
              <Head sort='bids' n wide>Bids</Head>
              <Head sort='answer_ms' n wide>ms</Head>
            </tr>
          </thead>
          <tbody>
            <Show when={before() > 0}>
              <tr aria-hidden='true'>
                <td colspan='11' style={{ height: `${before()}px` }} />
              </tr>
            </Show>
            <For each={seen().map(({ index }) => rows()[index]).filter((row) => row !== undefined)}>
              {(row) => (
                <tr
                  data-auction={row.auction_id}
                  data-href
                  onClick={() => navigate(`/auctions/${row.auction_id}`)}
                >
                  <td>
                    <a href={`/auctions/${row.auction_id}`}>{dateTime(Date.parse(row.time))}</a>
                  </td>
                  <td class='clip'>{row.site_domain ?? '–'}</td>
                  <td class='clip wide-only'>{row.user_id ?? '–'}</td>
                  <td>
                    <Badge fate={row.win_status} />
                  </td>
                  <td class='clip'>{row.seat ?? '–'}</td>
                  <td class='clip wide-only'>{row.campaign ?? '–'}</td>
                  <td class='n wide-only'>{cpm(row.floor)}</td>
                  <td class='n wide-only'>{cpm(row.bid_price)}</td>
                  <td class='n'>{cpm(row.price)}</td>
                  <td class='n wide-only'>{row.bids}</td>
                  <td class='n wide-only'>{milliseconds(row.answer_ms)}</td>
                </tr>
              )}
            </For>
            <Show when={after() > 0}>
              <tr aria-hidden='true'>
                <td colspan='11' style={{ height: `${after()}px` }} />
              </tr>
            </Show>
          </tbody>
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
          <Empty title='No outcome fits'>
            Take a filter away, choose a longer time, or send a bid first.
          </Empty>
        </Show>
      </div>
    </Card>
  );
}
