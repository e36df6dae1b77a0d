/**
 * The viewers: who wants which topics, and what each of them still gets. A viewer that does not
 * keep up is passed over and gets a snapshot when it has taken what waits for it, so that its slow
 * line costs a bounded amount of memory, whatever happens meanwhile.
 */
import type { LiveTopic } from '#shared/model/live.ts';
import type { Socket, SocketHandlers } from '#shared/service.ts';
import type { Channel, Subscriber } from './channel.ts';
import { parseLiveRequest } from './live-request.ts';

/** Bounds on what one viewer can make us hold or do. */
export const CLIENT_LIMITS = {
  /** Bytes that may wait in a socket before its updates are left out: some snapshots. */
  bufferedBytes: 256 * 1024,
  /** `auction:` topics at a time. */
  auctions: 8,
  /** Messages at once, and regained each second; whoever sends more is sent away. */
  messages: 40,
  messagesPerS: 5,
};
/** A slow viewer has caught up when this little waits. */
const DRAINED_BYTES = 16 * 1024;
/** RFC 6455: the client broke a rule of ours. */
const POLICY_VIOLATION = 1008;

export interface LiveClientsSetup {
  /** The channel of a topic; that of an auction is made when the first viewer asks for it. */
  channel(topic: LiveTopic): Channel;
  /** Nobody wants the topic any more. */
  left(topic: LiveTopic): void;
  now(): number;
  /** A viewer's updates are left out from now on, until it has caught up. */
  onSlow?(): void;
}

export class LiveClients {
  readonly #setup: LiveClientsSetup;
  readonly #clients = new Set<Client>();
  readonly #slow = new Set<Client>();

  constructor(setup: LiveClientsSetup) {
    this.#setup = setup;
  }

  get size(): number {
    return this.#clients.size;
  }

  /** Handlers of one more socket. */
  connect(): SocketHandlers {
    let client: Client | undefined;
    return {
      open: (socket) => {
        client = new Client(socket, this.#setup, this.#slow);
        this.#clients.add(client);
      },
      message: (text) => client?.message(text),
      close: () => {
        if (!client) return;
        client.leave();
        this.#clients.delete(client);
      },
    };
  }

  /** Gives snapshots to slow viewers that have caught up; called on a timer. */
  drain(): void {
    for (const client of this.#slow) client.drain();
  }

  /** Every viewer gets snapshots of its topics from their new channels. */
  restart(): void {
    for (const client of this.#clients) client.restart();
  }
}

class Client implements Subscriber {
  readonly #socket: Socket;
  readonly #setup: LiveClientsSetup;
  readonly #slow: Set<Client>;
  readonly #channels = new Map<LiveTopic, Channel>();
  /** Channels of which a snapshot is owed. */
  readonly #owed = new Set<Channel>();
  #allowance = CLIENT_LIMITS.messages;
  #allowedAt: number;

  constructor(socket: Socket, setup: LiveClientsSetup, slow: Set<Client>) {
    this.#socket = socket;
    this.#setup = setup;
    this.#slow = slow;
    this.#allowedAt = setup.now();
  }

  message(text: string): void {
    if (!this.#isAllowed()) {
      this.#problem('Too many messages');
      return this.#socket.close(POLICY_VIOLATION, 'Too many messages');
    }
    const parsed = parseLiveRequest(text);
    if (!parsed.ok) return this.#problem(parsed.message);
    const { request } = parsed;
    if (request.op === 'unsubscribe') return this.#unsubscribe(request.topic);
    const { topic, epoch, after } = request;
    const channel = this.#subscribe(topic);
    if (!channel || this.#owed.has(channel)) return;
    const missed = epoch === undefined ? undefined : channel.since(epoch, after!);
    if (!missed) return this.owe(channel);
    for (const frame of missed) this.offer(channel, frame);
  }

  /** The next frame of a channel; left out when the viewer does not keep up. */
  offer(channel: Channel, text: string): void {
    // The snapshot owed will hold it.
    if (this.#owed.has(channel)) return;
    if (this.#socket.bufferedBytes <= CLIENT_LIMITS.bufferedBytes) this.#socket.send(text);
    else {
      this.#setup.onSlow?.();
      this.#owed.add(channel);
      this.#slow.add(this);
    }
  }

  /** A snapshot, at once or when there is room for it. */
  owe(channel: Channel): void {
    this.#owed.add(channel);
    this.#slow.add(this);
    if (this.#socket.bufferedBytes <= CLIENT_LIMITS.bufferedBytes) this.#pay();
  }

  drain(): void {
    if (this.#socket.bufferedBytes <= DRAINED_BYTES) this.#pay();
  }

  restart(): void {
    const topics = [...this.#channels.keys()];
    for (const topic of topics) this.#unsubscribe(topic);
    for (const topic of topics) {
      const channel = this.#subscribe(topic);
      if (channel) this.owe(channel);
    }
  }

  leave(): void {
    for (const topic of [...this.#channels.keys()]) this.#unsubscribe(topic);
    this.#slow.delete(this);
  }

  #pay(): void {
    for (const channel of this.#owed) {
      if (!channel.isReady) continue;
      this.#owed.delete(channel);
      this.#socket.send(channel.snapshotText());
    }
    if (this.#owed.size === 0) this.#slow.delete(this);
  }

  #subscribe(topic: LiveTopic): Channel | undefined {
    const known = this.#channels.get(topic);
    if (known) return known;
    const auctions = [...this.#channels.keys()].filter((one) => one.startsWith('auction:'));
    if (topic.startsWith('auction:') && auctions.length >= CLIENT_LIMITS.auctions) {
      this.#problem(`topic ${topic}: allowed is ${CLIENT_LIMITS.auctions} auctions at a time`);
      return undefined;
    }
    const channel = this.#setup.channel(topic);
    channel.subscribers.add(this);
    this.#channels.set(topic, channel);
    return channel;
  }

  #unsubscribe(topic: LiveTopic): void {
    const channel = this.#channels.get(topic);
    if (!channel) return;
    this.#channels.delete(topic);
    this.#owed.delete(channel);
    channel.subscribers.delete(this);
    if (channel.subscribers.size === 0) this.#setup.left(topic);
  }

  #isAllowed(): boolean {
    const now = this.#setup.now();
    const regained = Math.max(0, now - this.#allowedAt) / 1000 * CLIENT_LIMITS.messagesPerS;
    this.#allowance = Math.min(CLIENT_LIMITS.messages, this.#allowance + regained) - 1;
    this.#allowedAt = now;
    return this.#allowance >= 0;
  }

  #problem(message: string): void {
    // Whoever reads nothing gets no answers either.
    if (this.#socket.bufferedBytes > CLIENT_LIMITS.bufferedBytes) return;
    this.#socket.send(JSON.stringify({ topic: 'problem', message }));
  }
}
