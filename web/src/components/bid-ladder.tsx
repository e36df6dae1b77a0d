import { createMemo, For, Show } from 'solid-js';
import { microsToCpm } from '#shared/model/money.ts';
import type { AuctionAnswer, OutcomeAnswer } from '../lib/answers.ts';
import { clearing, fatesOf, noBidsOf } from '../lib/explain.ts';
import { count, cpm } from '../lib/format.ts';
import { Badge } from './badge.tsx';
import { Card } from './card.tsx';
import { Fact } from './fact.tsx';
import { PriceLine } from './price-line.tsx';

/** The bids on one imp, dearest first, each with its fate and the rule; and how the price came about. */
export function BidLadder(props: { imp: OutcomeAnswer; auction: AuctionAnswer }) {
  const fates = createMemo(() => fatesOf(props.auction, props.imp.imp_id));
  const noBids = createMemo(() => noBidsOf(props.auction, props.imp.imp_id));
  const price = createMemo(() => clearing(props.auction, props.imp));
  const bids = () => `${count(props.imp.bids)} ${props.imp.bids === 1 ? 'bid' : 'bids'}`;
  return (
    <Card
      title={`Impression ${props.imp.imp_id}`}
      note={`${props.imp.media_type ?? ''} · ${bids()}, ${
        count(props.imp.eligible)
      } eligible · prices in ${props.imp.currency} CPM`}
      flush
    >
      <Show when={fates().length > 0}>
        <div style={{ padding: '0.75rem 1rem 0' }}>
          <PriceLine imp={props.imp} fates={fates()} />
        </div>
      </Show>
      <Show
        when={fates().length + noBids().length > 0}
        fallback={<WithoutBids imp={props.imp} explained={props.auction.details !== null} />}
      >
        <div class='scroll'>
          <table class='table bids'>
            <thead>
              <tr>
                <th>Seat</th>
                <th class='n'>Bid</th>
                <th>Fate</th>
                <th>Why</th>
              </tr>
            </thead>
            <tbody>
              <For each={fates()}>
                {(fate) => (
                  <tr data-fate={fate.status}>
                    <td>
                      {fate.seat}
                      <small class='muted'>{fate.cid}</small>
                    </td>
                    <td class='n'>{cpm(microsToCpm(fate.priceMicros))}</td>
                    <td>
                      <Badge fate={fate.status} />
                    </td>
                    <td class='rule'>
                      {fate.rule}
                      <Show when={fate.draw}>
                        {(draw) => <small class='muted mono'>· draw {draw().slice(0, 12)}…</small>}
                      </Show>
                    </td>
                  </tr>
                )}
              </For>
              <For each={noBids()}>
                {({ seat, words }) => (
                  <tr>
                    <td>{seat}</td>
                    <td class='n'>–</td>
                    <td>
                      <Badge fate='no_bid' />
                    </td>
                    <td class='rule'>{words}</td>
                  </tr>
                )}
              </For>
            </tbody>
          </table>
        </div>
      </Show>
      <Show when={price()}>
        {(now) => (
          <p class='sum' data-clearing>
            <span>{now().formula}</span>
            <span>=</span>
            <b>{now().result} CPM</b>
            <span class='muted'>{now().note}</span>
          </p>
        )}
      </Show>
    </Card>
  );
}

/** In the place of the bids: nobody answered, or only the ledger's row is left. */
function WithoutBids(props: { imp: OutcomeAnswer; explained: boolean }) {
  const imp = () => props.imp;
  return (
    <Show
      when={!props.explained}
      fallback={<p class='without-bids'>No seat has answered for this impression.</p>}
    >
      <dl class='facts without-bids'>
        <Fact name='Floor' value={cpm(imp().floor)} />
        <Show when={imp().win_status === 'won'}>
          <Fact name='Winner' value={`${imp().seat}, ${imp().campaign}`} />
          <Fact name='Its bid' value={cpm(imp().bid_price)} />
          <Fact name='Pays' value={cpm(imp().price)} />
        </Show>
      </dl>
    </Show>
  );
}
