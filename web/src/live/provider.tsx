import {
  type Accessor,
  createContext,
  createSignal,
  onCleanup,
  type ParentProps,
  useContext,
} from 'solid-js';
import { isServer } from 'solid-js/web';
import type { LiveFrame, LiveTopic } from '#shared/model/live.ts';
import type { LiveAnswer } from '../lib/answers.ts';
import { connect, type Connection, type ConnectionState } from './connection.ts';
import { type FeedState, fromAnswer, NO_FEED, withFrame } from './feed-state.ts';

interface Live {
  state: Accessor<ConnectionState | 'idle'>;
  feed: Accessor<FeedState>;
  /** Starts from what the server's page already has. */
  seed(answer: LiveAnswer): void;
  subscribe(topic: LiveTopic, onFrame?: (frame: LiveFrame) => void): () => void;
}

/** Nobody reads a list that moves more often, and each move costs the page a layout. */
const APPLY_EVERY_MS = 250;

const Context = createContext<Live>();

export function useLive(): Live {
  return useContext(Context)!;
}

/** The one socket of the page, and what it has brought. */
export function LiveProvider(props: ParentProps) {
  const [state, setState] = createSignal<ConnectionState | 'idle'>('idle');
  const [feed, setFeed] = createSignal<FeedState>(NO_FEED);
  const listeners = new Map<string, Set<(frame: LiveFrame) => void>>();
  const seen = new Map<string, { epoch: string; seq: number }>();
  let connection: Connection | undefined;

  /** Frames of a quarter of a second are taken together. */
  let waiting: LiveFrame[] = [];
  let planned: ReturnType<typeof setTimeout> | undefined;
  const apply = (): void => {
    const frames = waiting;
    waiting = [];
    planned = undefined;
    setFeed((before) => frames.reduce(withFrame, before));
  };
  const onFrame = (frame: LiveFrame): void => {
    for (const listener of listeners.get(frame.topic) ?? []) listener(frame);
    waiting.push(frame);
    // A hidden page paints nothing: its frames must not pile up.
    if (document.hidden) return apply();
    planned ??= setTimeout(apply, APPLY_EVERY_MS);
  };

  onCleanup(() => {
    connection?.close();
    clearTimeout(planned);
  });

  const live: Live = {
    state,
    feed,
    seed(answer) {
      // Frames from before would be shown twice: the snapshot has them.
      waiting = [];
      setFeed(fromAnswer(answer));
      seen.set('totals', { epoch: answer.epoch, seq: answer.totals.seq });
      seen.set('auctions', { epoch: answer.epoch, seq: answer.auctions.seq });
    },
    subscribe(topic, listener) {
      if (isServer) return () => {};
      const url = `${location.origin.replace(/^http/, 'ws')}/live`;
      connection ??= connect({ url, onFrame, onState: setState });
      const all = listeners.get(topic) ?? new Set();
      listeners.set(topic, all);
      if (listener) all.add(listener);
      const start = seen.get(topic);
      seen.delete(topic);
      const leave = connection.subscribe(topic, start);
      return () => {
        if (listener) all.delete(listener);
        leave();
      };
    },
  };
  return <Context.Provider value={live}>{props.children}</Context.Provider>;
}
