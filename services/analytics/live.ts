/**
 * The live feed: counts what this instance reads, tells all instances ten times a second, folds what
 * all of them tell, and gives it to viewers. Reads outcomes in a group of its own, so that a warehouse
 * that is away holds nothing up.
 */
import { randomUUID } from 'node:crypto';
import type { Bus, Reader, Received } from '#shared/bus/bus.ts';
import type { Metrics } from '#shared/metrics.ts';
import type { LiveTopic } from '#shared/model/live.ts';
import type { Clock, SocketHandlers } from '#shared/service.ts';
import type { KnownSteps } from './live/auction-topics.ts';
import type { Channel } from './live/channel.ts';
import { beginEpoch, type Epoch } from './live/epoch.ts';
import { LiveClients } from './live/live-clients.ts';
import type { LivePast } from './live/live-feed.ts';
import { createPulseCounter } from './live/pulse.ts';
import type { OffsetRange } from './offset-ranges.ts';
import { createSeenWindow } from './seen-window.ts';

const GROUP = 'analytics-live';
/** Ticks are at whole multiples of this, so that a pulse never spans two seconds. */
const TICK_MS = 100;
/** Auctions remembered to find repetitions: some seconds of full load. */
const SEEN_GENERATION = 10_000;
/**
 * ms after the start, when the writer has brought to the warehouse what happened while no instance was
 * there to read it.
 */
const PAST_AGAIN_MS = 15_000;

export interface LiveDependencies {
  bus: Bus;
  clock: Clock;
  metrics: Metrics;
  onError(error: unknown): void;
  known(auctionId: string): Promise<KnownSteps | undefined>;
  /** The five minutes before now, where they can be had. */
  past(nowMs: number): Promise<LivePast>;
  /** Ticks on its own; a test does it by hand. */
  ticking?: boolean;
}

export class Live {
  readonly #on: LiveDependencies;
  readonly #counter = createPulseCounter(randomUUID(), Math.random);
  readonly #clients: LiveClients;
  readonly #next = new Map<number, number>();
  readonly #seen = createSeenWindow(SEEN_GENERATION);
  #epoch: Epoch;
  /** Epoch seconds of what is being counted. */
  #second: number;
  /** A tick has passed since the last frame of auctions; there is one for each at most. */
  #due = false;
  /** Epoch ms; of auctions that closed before nothing is counted. */
  #startedAt = Infinity;
  /** Epoch ms. */
  #pastAgainAt = Infinity;
  #readers: Reader[] = [];
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(dependencies: LiveDependencies) {
    this.#on = dependencies;
    const { clock, metrics } = dependencies;
    const slow = metrics.counter(
      'helios_live_slow_total',
      'Times a viewer did not keep up and updates were left out',
      [],
    )({});
    this.#second = Math.floor(clock.now() / 1000);
    this.#epoch = beginEpoch(this.#on.clock, this.#on.known);
    this.#clients = new LiveClients({
      channel: (topic) => this.#channel(topic),
      left: (topic) => this.#epoch.topics.left(auctionOf(topic)),
      now: () => clock.now(),
      onSlow: () => slow.inc(),
    });
    metrics.gauge('helios_live_viewers', 'Open sockets of the live feed', [], () => [
      { labels: {}, value: this.#clients.size },
    ]);
  }

  async start(): Promise<void> {
    const { bus, clock } = this.#on;
    this.#startedAt = clock.now();
    const group = { as: 'group', group: GROUP, from: 'end', patienceMs: TICK_MS / 2 } as const;
    const everything = { as: 'all', from: 'end' } as const;
    this.#readers = await Promise.all([
      bus.read(group, { auction_outcomes: (batch) => this.#outcomes(batch) }),
      bus.read(everything, { live: (batch) => this.#pulses(batch) }),
    ]);
    this.#seed();
    this.#pastAgainAt = this.#startedAt + PAST_AGAIN_MS;
    if (this.#on.ticking ?? true) this.#plan();
  }

  connect(): SocketHandlers {
    return this.#clients.connect();
  }

  /** The snapshots of both topics as one JSON text, from memory. */
  snapshot(): string {
    const { id, totals, auctions } = this.#epoch;
    const of = (channel: Channel): string =>
      `{"seq":${channel.seq},"data":${channel.snapshotData()}}`;
    return `{"epoch":"${id}","totals":${of(totals)},"auctions":${of(auctions)}}`;
  }

  /** What explains auctions, as the writer gets it. */
  details(batch: readonly Received<'auction_details'>[]): void {
    this.#turnSecond();
    const { topics } = this.#epoch;
    for (const { value } of batch) {
      // Kafka keeps those that nobody has read meanwhile: minutes of bids would look like those of now.
      if (value.issuedAt >= this.#startedAt) this.#counter.details(value);
      if (topics.size > 0) topics.explained(value);
    }
  }

  /** The warehouse has the outcomes of these ranges. */
  stored(ranges: readonly OffsetRange[]): void {
    this.#epoch.topics.stored(ranges);
  }

  /** Tells what was counted, and viewers what is new. Runs each {@link TICK_MS}. */
  tick(): void {
    const now = this.#on.clock.now();
    if (now >= this.#pastAgainAt) {
      this.#pastAgainAt = Infinity;
      this.#seed();
    }
    this.#due = true;
    // What is told comes back within this turn of the event loop: the frame waits for it.
    const told = this.#tell(now);
    const updates = this.#epoch.feed.advance(now);
    if (!updates) this.#restart();
    else for (const update of updates) this.#epoch.totals.publish(update);
    if (updates && updates.length > 0) {
      this.#commit();
      this.#epoch.topics.askAgain();
    }
    if (!told) this.#frame();
    this.#clients.drain();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await Promise.all(this.#readers.map((reader) => reader.close()));
  }

  // --- reading ---

  #outcomes(batch: readonly Received<'auction_outcomes'>[]): void {
    this.#turnSecond();
    const { topics } = this.#epoch;
    for (const record of batch) {
      const { partition, offset, value } = record;
      this.#next.set(partition, offset + 1);
      // What a former life left unread is in the warehouse, or soon will be. Of an auction that was
      // closed twice, after a crash, the first record counts.
      if (value.issuedAt < this.#startedAt || !this.#seen.add(value.auctionId)) continue;
      this.#counter.outcome(value);
      if (topics.size > 0) topics.closed(value, record);
    }
  }

  #pulses(batch: readonly Received<'live'>[]): void {
    for (const { value } of batch) this.#epoch.feed.fold(value);
    this.#frame();
  }

  #turnSecond(): void {
    const now = this.#on.clock.now();
    if (Math.floor(now / 1000) !== this.#second) this.#tell(now);
  }

  #commit(): void {
    const [counted] = this.#readers;
    for (const [partition, next] of this.#next) {
      counted?.commit('auction_outcomes', partition, next);
    }
    this.#next.clear();
  }

  // --- telling ---

  /** Whether there was anything to tell. */
  #tell(now: number): boolean {
    const pulse = this.#counter.take(this.#second);
    this.#second = Math.floor(now / 1000);
    if (!pulse) return false;
    this.#on.bus.publish('live', [{ partition: 0, value: pulse }])
      .catch((error) => this.#closed || this.#on.onError(error));
    return true;
  }

  #frame(): void {
    const auctions = this.#due ? this.#epoch.feed.takeAuctions() : undefined;
    if (!auctions) return;
    this.#due = false;
    this.#epoch.auctions.publish(auctions);
  }

  #plan(): void {
    this.#timer = setTimeout(() => {
      this.tick();
      this.#plan();
    }, TICK_MS - this.#on.clock.now() % TICK_MS);
  }

  // --- epochs ---

  #seed(): void {
    this.#on.past(this.#startedAt).then((past) => {
      this.#epoch.feed.seed(past);
      this.#epoch.totals.refresh();
      this.#epoch.auctions.refresh();
    }).catch((error) => this.#closed || this.#on.onError(error));
  }

  /** The clock has leapt: what was told is no longer the last five minutes. */
  #restart(): void {
    this.#epoch = beginEpoch(this.#on.clock, this.#on.known);
    this.#clients.restart();
  }

  #channel(topic: LiveTopic): Channel {
    const { totals, auctions, topics } = this.#epoch;
    if (topic === 'totals') return totals;
    return topic === 'auctions' ? auctions : topics.channel(auctionOf(topic));
  }
}

function auctionOf(topic: LiveTopic): string {
  return topic.slice('auction:'.length);
}
