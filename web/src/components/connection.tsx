import { Show } from 'solid-js';
import { useLive } from '../live/provider.tsx';

const WORDS = {
  live: 'Live',
  connecting: 'Connecting…',
  stale: 'Nothing heard for seconds',
  offline: 'Connection lost, trying again',
} as const;

/** Says whether the figures on the page still move. */
export function Connection() {
  const live = useLive();
  const state = () => {
    const now = live.state();
    return now === 'idle' ? undefined : now;
  };
  return (
    <Show when={state()}>
      {(now) => (
        <p class='connection' role='status'>
          <i class='dot' data-state={now()} />
          <span>{WORDS[now()]}</span>
        </p>
      )}
    </Show>
  );
}
