import { For, Show } from 'solid-js';
import type { AuctionAnswer } from '../lib/answers.ts';
import { ABSENCE_WORDS, curlOf, verdict } from '../lib/explain.ts';
import { dateTime, milliseconds, zoneName } from '../lib/format.ts';
import { scenarioOf } from '../lib/scenario.ts';
import { Badge } from './badge.tsx';
import { BidLadder } from './bid-ladder.tsx';
import { Card } from './card.tsx';
import { CopyButton } from './copy-button.tsx';
import { Fact } from './fact.tsx';
import { DownloadIcon } from './icons.tsx';
import { ProfileUsed } from './profile-used.tsx';
import { Empty } from './states.tsx';
import { Waterfall } from './waterfall.tsx';

/** By OpenRTB's `at`; 0 where it is not known, as without details of a sold auction. */
const PRICE_RULES = [null, 'First price', 'Second price'] as const;

/** Everything known of one auction, most telling first. */
export function AuctionReport(props: { auction: AuctionAnswer }) {
  const auction = () => props.auction;
  const first = () => auction().imps[0]!;
  const absence = () => ABSENCE_WORDS[auction().details_absent ?? 'lost'];
  const won = () => auction().imps.filter(({ win_status }) => win_status === 'won').length;
  return (
    <>
      <header class='page-head'>
        <h1>
          Auction <span class='mono'>…{auction().auction_id.slice(-8)}</span>
        </h1>
        <Badge
          fate={won() > 0 ? 'won' : 'no_bid'}
          text={auction().imps.length > 1 ? `Won ${won()} of ${auction().imps.length}` : undefined}
        />
        <Show when={first().test}>
          <Badge fate='test' />
        </Show>
        <Show when={first().closed_by === 'deadline'}>
          <Badge fate='late' text='Closed at the deadline' />
        </Show>
        <span class='spring' />
        <Show when={auction().details}>
          <CopyButton label='Copy as curl' text={() => curlOf(auction(), location.origin)} />
          <a
            class='button'
            download={`${auction().auction_id}.json`}
            href={`data:application/json;charset=utf-8,${
              encodeURIComponent(scenarioOf(auction()))
            }`}
          >
            <DownloadIcon />Test scenario
          </a>
        </Show>
      </header>
      <div class='verdict'>
        <For each={verdict(auction())}>{(sentence) => <p>{sentence}</p>}</For>
      </div>
      <div class='grid'>
        <div class='stack' data-span='8'>
          <For each={auction().imps}>
            {(imp) => <BidLadder imp={imp} auction={auction()} />}
          </For>
          <Waterfall auction={auction()} />
          <Show when={auction().details}>
            {(details) => (
              <Card title='The request as understood' flush>
                <pre class='json' tabindex='0'>{JSON.stringify(details().request, null, 2)}</pre>
              </Card>
            )}
          </Show>
        </div>
        <div class='stack' data-span='4'>
          <Card title='Facts'>
            <dl class='facts'>
              <Fact name={`Time, ${zoneName()}`} value={dateTime(Date.parse(auction().time))} />
              <Fact name='Closed after' value={`${milliseconds(first().answer_ms)} ms`} />
              <Fact name='Site or app' value={first().site_domain} />
              <Fact name='User' value={first().user_id} />
              <Fact name='Publisher' value={first().publisher_id} />
              <Fact
                name='Rule of price'
                value={PRICE_RULES[auction().outcome?.at ?? 0]}
              />
              <Fact name='Request id' value={first().request_id} />
              <Fact name='Auction id' value={auction().auction_id} wide />
            </dl>
          </Card>
          <Show
            when={auction().details}
            fallback={
              <Card title='Bids and profile'>
                <Empty title={absence().title}>{absence().words}</Empty>
              </Card>
            }
          >
            {(details) => (
              <>
                <Card title='Profile used'>
                  <ProfileUsed profile={details().profile} groups={details().groups} />
                </Card>
                <Card title='Tie-break salt' note={details().salt.day}>
                  <dl class='facts'>
                    <Fact
                      name='Commitment, published before'
                      value={details().salt.commitment}
                      wide
                    />
                    <Fact
                      name='Salt, revealed after the day'
                      value={details().salt.salt ?? 'not revealed yet'}
                      wide
                    />
                  </dl>
                </Card>
              </>
            )}
          </Show>
          <Show when={auction().events.length > 0}>
            <Card title='Afterwards'>
              <dl class='facts'>
                <For each={auction().events}>
                  {({ kind, time }) => <Fact name={kind} value={dateTime(Date.parse(time))} />}
                </For>
              </dl>
            </Card>
          </Show>
        </div>
      </div>
    </>
  );
}
