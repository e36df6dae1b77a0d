/**
 * One socket for the whole page. Topics are asked for while somebody shows them; after a break the
 * socket comes back by itself and names what it had last, so that nothing is missed or shown twice.
 */
import type { LiveFrame, LiveRequest, LiveTopic } from '#shared/model/live.ts';

export type ConnectionState = 'connecting' | 'live' | 'stale' | 'offline';

/** `totals` come each second, so silence for this long means that something is wrong. */
const STALE_AFTER_MS = 4_000;
const RETRY_LEAST_MS = 500;
const RETRY_MOST_MS = 10_000;

export interface ConnectionOptions {
  url: string;
  onFrame(frame: Exclude<LiveFrame, { topic: 'problem' }>): void;
  onState(state: ConnectionState): void;
  /** For tests. */
  open?: (url: string) => WebSocket;
}

export interface Connection {
  /** Asks for a topic until the function it returns is called. */
  subscribe(topic: LiveTopic, seen?: { epoch: string; seq: number }): () => void;
  close(): void;
}

interface Wanted {
  users: number;
  seen?: { epoch: string; seq: number };
}

export function connect(options: ConnectionOptions): Connection {
  const wanted = new Map<LiveTopic, Wanted>();
  let socket: WebSocket | undefined;
  let retryMs = RETRY_LEAST_MS;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let silence: ReturnType<typeof setTimeout> | undefined;
  let closed = false;

  const send = (request: LiveRequest): void => {
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(request));
  };
  const ask = (topic: LiveTopic, { seen }: Wanted): void =>
    send({ op: 'subscribe', topic, ...(seen && { epoch: seen.epoch, after: seen.seq }) });
  const heard = (): void => {
    clearTimeout(silence);
    options.onState('live');
    if (!wanted.has('totals')) return;
    silence = setTimeout(() => options.onState('stale'), STALE_AFTER_MS);
  };

  const open = (): void => {
    socket = (options.open ?? ((url) => new WebSocket(url)))(options.url);
    socket.onopen = () => {
      retryMs = RETRY_LEAST_MS;
      heard();
      for (const [topic, want] of wanted) ask(topic, want);
    };
    socket.onmessage = ({ data }) => {
      const frame = JSON.parse(data as string) as LiveFrame;
      heard();
      if (frame.topic !== 'problem') take(frame);
    };
    socket.onclose = () => {
      clearTimeout(silence);
      if (closed) return;
      options.onState('offline');
      retry = setTimeout(open, retryMs * (0.75 + Math.random() / 2));
      retryMs = Math.min(retryMs * 2, RETRY_MOST_MS);
    };
  };

  const take = (frame: Exclude<LiveFrame, { topic: 'problem' }>): void => {
    const want = wanted.get(frame.topic);
    if (!want) return;
    const { seen } = want;
    if (frame.kind === 'update' && seen?.epoch === frame.epoch) {
      if (frame.seq <= seen.seq) return;
      // A gap: what was missed is asked for, and this frame comes again with it.
      if (frame.seq > seen.seq + 1) return ask(frame.topic, want);
    }
    want.seen = { epoch: frame.epoch, seq: frame.seq };
    options.onFrame(frame);
  };

  return {
    subscribe(topic, seen) {
      const want = wanted.get(topic) ?? { users: 0, ...(seen && { seen }) };
      want.users++;
      wanted.set(topic, want);
      if (!socket) {
        options.onState('connecting');
        open();
      } else if (want.users === 1) ask(topic, want);
      return () => {
        if (--want.users > 0) return;
        wanted.delete(topic);
        if (topic === 'totals') clearTimeout(silence);
        send({ op: 'unsubscribe', topic });
      };
    },
    close() {
      closed = true;
      clearTimeout(retry);
      clearTimeout(silence);
      socket?.close();
    },
  };
}
