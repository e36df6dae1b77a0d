/**
 * `auction:ID` topics: how far single auctions have come. There is one for each auction somebody
 * looks at; all others cost a look into an empty map.
 */
import type { AuctionDetails, AuctionOutcome } from '#shared/model/events.ts';
import type { LiveStep } from '#shared/model/live.ts';
import { covers, type OffsetRange, type RecordPlace } from '../offset-ranges.ts';
import { Channel } from './channel.ts';

/** What is known of an auction when its topic is opened. */
export interface KnownSteps {
  /** Epoch ms. */
  closedAt: number;
  explained: boolean;
  stored: boolean;
  /** Of its record, where that is still in memory. */
  place?: RecordPlace;
}

export interface AuctionTopicsSetup {
  epoch: string;
  now(): number;
  /** Undefined when there is no such auction, or not yet. */
  known(auctionId: string): Promise<KnownSteps | undefined>;
}

interface Watched {
  channel: Channel;
  steps: LiveStep[];
  place: RecordPlace | undefined;
  /** Asked again until this epoch ms: another instance may read the auction, and none tells of it. */
  askUntil: number;
  /** The topic was opened before anything was known: details may have come by then, unnoticed. */
  early: boolean;
}

/** ms in which an auction that is looked at must become known: it is closed, and stored, by then. */
const ASK_MS = 30_000;
/** Inserts whose time is remembered: a minute of them. */
const INSERTS = 64;

export class AuctionTopics {
  readonly #setup: AuctionTopicsSetup;
  readonly #watched = new Map<string, Watched>();
  readonly #inserts: { ranges: readonly OffsetRange[]; at: number }[] = [];

  constructor(setup: AuctionTopicsSetup) {
    this.#setup = setup;
  }

  /** Auctions looked at. */
  get size(): number {
    return this.#watched.size;
  }

  channel(auctionId: string): Channel {
    const known = this.#watched.get(auctionId);
    if (known) return known.channel;
    const steps: LiveStep[] = [];
    const channel = new Channel({
      topic: `auction:${auctionId}`,
      epoch: this.#setup.epoch,
      // Three steps at most: a snapshot is as small as what was missed.
      keep: 0,
      ready: false,
      snapshot: () => steps,
    });
    const askUntil = this.#setup.now() + ASK_MS;
    const watched: Watched = { channel, steps, place: undefined, askUntil, early: false };
    this.#watched.set(auctionId, watched);
    void this.#load(auctionId, watched);
    return channel;
  }

  /** Asks the warehouse for what another instance may have read. To be called now and then. */
  askAgain(): void {
    for (const [auctionId, watched] of this.#watched) {
      const { steps, place, askUntil, channel, early } = watched;
      const has = (name: LiveStep['step']): boolean => steps.some((one) => one.step === name);
      const isKnown = (place !== undefined || has('stored')) && (!early || has('explained'));
      if (channel.isReady && !isKnown && this.#setup.now() < askUntil) {
        void this.#load(auctionId, watched);
      }
    }
  }

  /** Nobody looks at it any more. */
  left(auctionId: string): void {
    this.#watched.delete(auctionId);
  }

  closed({ auctionId, issuedAt }: AuctionOutcome, { partition, offset }: RecordPlace): void {
    const watched = this.#watched.get(auctionId);
    if (!watched) return;
    watched.place = { partition, offset };
    step(watched, 'closed', issuedAt);
  }

  explained({ auctionId, issuedAt }: AuctionDetails): void {
    const watched = this.#watched.get(auctionId);
    if (watched) step(watched, 'explained', issuedAt);
  }

  /** The warehouse has the outcomes of these ranges. */
  stored(ranges: readonly OffsetRange[]): void {
    const at = this.#setup.now();
    this.#inserts.push({ ranges, at });
    if (this.#inserts.length > INSERTS) this.#inserts.shift();
    for (const watched of this.#watched.values()) {
      if (watched.place && covers(ranges, watched.place)) step(watched, 'stored', at);
    }
  }

  async #load(auctionId: string, watched: Watched): Promise<void> {
    // A warehouse that is away says nothing of old auctions; what happens from now on is told.
    const known = await this.#setup.known(auctionId).catch(() => undefined);
    if (this.#watched.get(auctionId) !== watched) return;
    watched.early ||= !known;
    if (known) {
      const { place } = known;
      step(watched, 'closed', known.closedAt);
      if (known.explained) step(watched, 'explained', known.closedAt);
      const insert = place && this.#inserts.find(({ ranges }) => covers(ranges, place));
      if (insert) step(watched, 'stored', insert.at);
      // Long ago: that it was stored is known, when is not.
      else if (known.stored) step(watched, 'stored', 0);
      watched.place ??= place;
    }
    const { channel } = watched;
    if (channel.isReady) return;
    channel.isReady = true;
    for (const subscriber of channel.subscribers) subscriber.owe(channel);
  }
}

function step({ channel, steps }: Watched, name: LiveStep['step'], at: number): void {
  if (steps.some((one) => one.step === name)) return;
  steps.push({ step: name, at });
  channel.publish([steps.at(-1)]);
}
