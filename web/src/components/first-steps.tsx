import { createSignal, onMount, Show } from 'solid-js';
import { getRequestEvent, isServer } from 'solid-js/web';
import { firstBid } from '#shared/model/first-bid.ts';
import type { SampleControl } from '../live/sample-traffic.ts';
import { CopyButton } from './copy-button.tsx';
import { PlayIcon } from './icons.tsx';

/** Shown while no auction has ever been held: how to make the first one. */
export function FirstSteps(props: { sample: SampleControl }) {
  const [origin, setOrigin] = createSignal(
    isServer ? new URL(getRequestEvent()!.request.url).origin : location.origin,
  );
  onMount(() => setOrigin(location.origin));
  // Sample traffic is allowed exactly where a request without a key gets an auction.
  const needsKey = () => props.sample.state() === undefined;
  const bid = () => firstBid(origin(), needsKey());
  return (
    <section class='card first' aria-label='First steps'>
      <div>
        <h2>Hold your first auction</h2>
        <p>
          Send a bid request and this page shows the auction the moment it closes: who bid, who won,
          and what it pays.
          <Show when={!needsKey()}>
            {' '}Campaigns, creatives and user profiles for a demonstration are in place.
          </Show>
        </p>
        <Show when={needsKey()}>
          <p>
            In place of KEY goes the key of a publisher, made on the exchange's machine by{' '}
            <code>npm run keys -- create publisher NAME</code>.
          </p>
        </Show>
        <Show when={props.sample.state()}>
          <button
            class='button'
            data-kind='primary'
            type='button'
            disabled={props.sample.state()!.running}
            onClick={() => void props.sample.set(true)}
          >
            <PlayIcon />Start sample traffic
          </button>
        </Show>
      </div>
      <div class='code'>
        <pre>{bid()}</pre>
        <CopyButton label='Copy' text={bid} />
      </div>
    </section>
  );
}
