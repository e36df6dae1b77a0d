/** Starting and stopping sample traffic from the page, where the exchange allows it. */
import { createSignal, onCleanup, onMount } from 'solid-js';
import { api, ApiError, apiOrNothing } from '../lib/api.ts';
import type { SampleTraffic } from '../lib/answers.ts';

export interface SampleControl {
  state(): SampleTraffic | undefined;
  problem(): string | undefined;
  set(running: boolean): Promise<void>;
}

const LOOK_EVERY_MS = 1_000;

export function sampleTraffic(first: SampleTraffic | undefined): SampleControl {
  const [state, setState] = createSignal(first);
  const [problem, setProblem] = createSignal<string>();
  onMount(() => {
    const timer = setInterval(async () => {
      if (!state()?.running || document.hidden) return;
      const now = await apiOrNothing<SampleTraffic>('/api/sample-traffic');
      if (now) setState(now);
    }, LOOK_EVERY_MS);
    onCleanup(() => clearInterval(timer));
  });
  return {
    state,
    problem,
    async set(running) {
      try {
        setState(
          await api<SampleTraffic>('/api/sample-traffic', {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ running }),
          }),
        );
        setProblem(undefined);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        setProblem(error.message);
      }
    },
  };
}
