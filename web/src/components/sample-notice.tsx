import { Show } from 'solid-js';
import { count } from '../lib/format.ts';
import type { SampleControl } from '../live/sample-traffic.ts';
import { PlayIcon, StopIcon } from './icons.tsx';

/** Starts and stops sample traffic; absent where the exchange does not allow it. */
export function SampleNotice(props: { sample: SampleControl }) {
  const leftS = () =>
    Math.max(0, Math.round(((props.sample.state()?.endsAt ?? 0) - Date.now()) / 1_000));
  return (
    <Show when={props.sample.state()}>
      {(state) => (
        <>
          <Show when={props.sample.problem()}>
            {(problem) => <span class='badge' data-fate='invalid' role='alert'>{problem()}</span>}
          </Show>
          <Show
            when={state().running}
            fallback={
              <button
                class='button'
                type='button'
                onClick={() => void props.sample.set(true)}
              >
                <PlayIcon />Sample traffic
              </button>
            }
          >
            <span class='chip' data-sample>
              {count(state().ratePerS)}/s, {count(state().sent)} sent, ends in {leftS()} s
            </span>
            <button class='button' type='button' onClick={() => void props.sample.set(false)}>
              <StopIcon />Stop sample traffic
            </button>
          </Show>
        </>
      )}
    </Show>
  );
}
