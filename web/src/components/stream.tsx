import { useNavigate } from '@solidjs/router';
import { createMemo, createSignal, Show } from 'solid-js';
import type { LiveAuction } from '#shared/model/live.ts';
import { microsToCpm } from '#shared/model/money.ts';
import { clock, count, cpm, milliseconds, zoneName } from '../lib/format.ts';
import { opensRow } from '../lib/open-row.ts';
import { useSearch } from '../lib/search.ts';
import { cameSince } from '../live/feed-state.ts';
import { useLive } from '../live/provider.tsx';
import { Badge } from './badge.tsx';
import { Card } from './card.tsx';
import { PauseIcon, PlayIcon } from './icons.tsx';
import { Segments } from './segments.tsx';
import { Empty } from './states.tsx';
import { VirtualRows } from './virtual-rows.tsx';

const FATES = [['', 'All'], ['won', 'Won'], ['no_bid', 'No bid'], ['late', 'Late']] as const;

/** Auctions as they close: a sample when there are many. */
export function Stream(props: { span: 8 | 12 }) {
  const live = useLive();
  const navigate = useNavigate();
  const [search, setSearch] = useSearch<'q' | 'fate'>();
  const [held, setHeld] = createSignal<readonly LiveAuction[]>();
  const [place, setPlace] = createSignal<HTMLDivElement>();
  const rows = createMemo(() => {
    const words = (search.q ?? '').toLowerCase();
    const fate = search.fate ?? '';
    return (held() ?? live.feed().rows).filter((row) => fits(row, words, fate));
  });
  const missed = (since: readonly LiveAuction[]): string => {
    const came = cameSince(since, live.feed().rows);
    return `paused, ${came.atLeast ? 'at least ' : ''}${count(came.count)} new`;
  };

  return (
    <Card
      title='Auctions as they close'
      span={props.span}
      flush
      note={held() && missed(held()!)}
      actions={
        <>
          <input
            class='search'
            style={{ width: '10rem' }}
            type='search'
            placeholder='Site, user, seat…'
            aria-label='Only auctions that hold this text'
            value={search.q ?? ''}
            onInput={(event) => setSearch({ q: event.currentTarget.value || undefined }, QUIET)}
          />
          <Segments
            label='Result'
            options={FATES}
            value={search.fate ?? ''}
            onChange={(fate) => setSearch({ fate: fate || undefined }, QUIET)}
          />
          <button
            class='button'
            type='button'
            aria-pressed={held() !== undefined}
            onClick={() => setHeld(held() ? undefined : live.feed().rows)}
          >
            <Show
              when={held()}
              fallback={
                <>
                  <PauseIcon />Pause
                </>
              }
            >
              <PlayIcon />Go on
            </Show>
          </button>
        </>
      }
    >
      <div
        ref={setPlace}
        class='scroll stream'
        tabindex='0'
        role='region'
        aria-label='Stream of auctions'
      >
        <table class='table'>
          <thead>
            <tr>
              <th title={zoneName()}>Time</th>
              <th>Site or app</th>
              <th class='fate'>Result</th>
              <th class='seat wide-only'>Winner</th>
              <th class='n wide-only'>Floor</th>
              <th class='n wide-only'>Bid</th>
              <th class='n'>Pays</th>
              <th class='n wide-only'>Bids</th>
              <th class='n wide-only'>ms</th>
            </tr>
          </thead>
          <VirtualRows rows={rows()} place={place} firstHeight={FIRST_HEIGHT}>
            {(row) => (
              <tr
                data-auction={row.id}
                data-href
                onClick={(event) => opensRow(event) && navigate(`/auctions/${row.id}`)}
              >
                <td>
                  <a href={`/auctions/${row.id}`}>{clock(row.at)}</a>
                </td>
                <td title={row.siteDomain}>{row.siteDomain || '–'}</td>
                <td>
                  <Badge
                    fate={fateOf(row)}
                    text={row.imps > 1 && row.wonImps > 0
                      ? `Won ${row.wonImps}/${row.imps}`
                      : undefined}
                  />
                  <Show when={row.test}>
                    {' '}
                    <Badge fate='test' />
                  </Show>
                </td>
                <td class='wide-only' title={row.seat}>{row.seat || '–'}</td>
                <td class='n wide-only'>{cpm(microsToCpm(row.floorMicros))}</td>
                <td class='n wide-only'>{sold(row, row.bidMicros)}</td>
                <td class='n'>{sold(row, row.priceMicros)}</td>
                <td class='n wide-only'>{row.bids}</td>
                <td class='n wide-only'>{milliseconds(row.tookMs)}</td>
              </tr>
            )}
          </VirtualRows>
        </table>
        <Show when={rows().length === 0}>
          <Show
            when={live.feed().rows.length === 0}
            fallback={
              <Empty title='None of the last auctions fits'>
                Change the text or the result above.
              </Empty>
            }
          >
            <Empty title='No auction yet'>Each auction appears here the moment it closes.</Empty>
          </Show>
        </Show>
      </div>
    </Card>
  );
}

/** Pixels of the list: `.stream`. */
const FIRST_HEIGHT = 424;

/** Typing must not fill the history. */
const QUIET = { replace: true, scroll: false };

function fateOf(row: LiveAuction): 'won' | 'no_bid' | 'late' {
  if (row.wonImps > 0) return 'won';
  return row.late ? 'late' : 'no_bid';
}

function fits(row: LiveAuction, words: string, fate: string): boolean {
  if (fate && fateOf(row) !== fate && !(fate === 'late' && row.late)) return false;
  return !words ||
    [row.siteDomain, row.userId, row.seat, row.campaignId, row.publisherId, row.id]
      .some((text) => text.toLowerCase().includes(words));
}

function sold(row: LiveAuction, micros: number): string {
  return row.wonImps > 0 ? cpm(microsToCpm(micros)) : '–';
}
