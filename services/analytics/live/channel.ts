/** One topic as it goes out: numbered frames, the latest of them kept for those who missed some. */

import { RecentFrames } from './recent-frames.ts';

/** Who gets the frames of a channel. */
export interface Subscriber {
  offer(channel: Channel, text: string): void;
  /** The channel's snapshot, as soon as it can be given and taken. */
  owe(channel: Channel): void;
}

export interface ChannelSetup {
  topic: string;
  epoch: string;
  /** Frames kept for those who come back. */
  keep: number;
  /** Number of the frame before the first. */
  seq?: number;
  /** Whether the snapshot can be given; it is owed until then. Always, unless told. */
  ready?: boolean;
  /** What all frames so far amount to. */
  snapshot(): unknown;
}

export class Channel {
  readonly topic: string;
  readonly subscribers = new Set<Subscriber>();
  isReady: boolean;
  readonly #setup: ChannelSetup;
  readonly #head: string;
  /** Frames `#seq - length + 1` to `#seq`. */
  #recent: RecentFrames;
  #seq: number;
  /** Of the present `#seq`: many who come at once share it. */
  #snapshot: string | undefined;

  constructor(setup: ChannelSetup) {
    this.topic = setup.topic;
    this.#setup = setup;
    this.#recent = new RecentFrames(setup.keep);
    this.#seq = setup.seq ?? 0;
    this.isReady = setup.ready ?? true;
    const { topic, epoch } = setup;
    this.#head = JSON.stringify({ topic, epoch }).slice(0, -1);
  }

  get seq(): number {
    return this.#seq;
  }

  /** Sends an update to all; its text is made once. */
  publish(data: unknown): void {
    this.#seq++;
    this.#snapshot = undefined;
    const text = this.#frame('update', JSON.stringify(data));
    this.#recent.push(text);
    for (const subscriber of this.subscribers) subscriber.offer(this, text);
  }

  /** The snapshot has changed without an update: whoever has an earlier one gets it. */
  refresh(): void {
    this.#seq++;
    this.#snapshot = undefined;
    // Frames after an earlier one are not all there is to tell any more.
    this.#recent = new RecentFrames(this.#setup.keep);
    for (const subscriber of this.subscribers) subscriber.owe(this);
  }

  snapshotText(): string {
    return this.#frame('snapshot', this.snapshotData());
  }

  /** The snapshot's data alone, as JSON text. */
  snapshotData(): string {
    return this.#snapshot ??= JSON.stringify(this.#setup.snapshot());
  }

  /** The frames after `seq`, or undefined where not all of them are kept. */
  since(epoch: string, seq: number): readonly string[] | undefined {
    const missed = this.#seq - seq;
    if (epoch !== this.#setup.epoch || !(missed >= 0) || missed > this.#recent.length) {
      return undefined;
    }
    return this.#recent.newest(missed);
  }

  #frame(kind: 'snapshot' | 'update', data: string): string {
    return `${this.#head},"seq":${this.#seq},"kind":"${kind}","data":${data}}`;
  }
}
