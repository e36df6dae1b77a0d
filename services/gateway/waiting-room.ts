/**
 * The publishers that wait for their auction. Pure: time is an argument. Whoever is answered empty
 * at the deadline stays known for a while, so that a win that comes too late is seen as
 * undelivered and never charged.
 */
import type { AuctionOutcome } from '#shared/model/events.ts';
import { TurnoverMap } from '#shared/model/turnover-map.ts';

/**
 * ms after its deadline that an outcome is still looked out for. An auction stage offers it until the bus
 * takes it, so whatever keeps Kafka away for some minutes brings it that late.
 */
const LATE_MS = 60 * 60_000;
/**
 * Auctions looked out for; while there are as many, none is added. Some 20 MB. What comes after a long
 * outage is its beginning: a bus that is away has room for half as many outcomes.
 */
export const LATE_MAX = 200_000;

export interface Visit {
  auctionId: string;
  partition: number;
  /** Epoch ms at which the wait began. */
  enteredAt: number;
  /** Epoch ms by which the answer must go out. */
  deadline: number;
  /** 202 was answered: nobody waits at the door, the outcome is fetched later. */
  async: boolean;
}

interface Waiting {
  visit: Visit;
  answer: Promise<AuctionOutcome | undefined>;
  resolve: (outcome: AuctionOutcome | undefined) => void;
}

export class WaitingRoom {
  readonly #waiting = new TurnoverMap<string, Waiting>();
  /** Answered empty at the deadline: until when an outcome is looked out for, the oldest first. */
  readonly #late = new Map<string, number>();
  /** Epoch ms of the last empty answer. */
  #missedAt = -Infinity;
  /** Epoch ms before which no wait ends at its deadline. */
  #dueFrom = Infinity;

  /** Auctions that somebody waits for. */
  get size(): number {
    return this.#waiting.size;
  }

  /** Whether somebody was answered empty since then (epoch ms), and a win may still be on its way. */
  isLooking(since: number): boolean {
    return this.#late.size > 0 && this.#missedAt > since;
  }

  /** Resolves to the outcome, or to undefined at the deadline. */
  enter(visit: Visit): Promise<AuctionOutcome | undefined> {
    const { promise, resolve } = Promise.withResolvers<AuctionOutcome | undefined>();
    this.#waiting.set(visit.auctionId, { visit, answer: promise, resolve });
    this.#dueFrom = Math.min(this.#dueFrom, visit.deadline);
    return promise;
  }

  /** The answer somebody else is waiting for already, or was refused. */
  answerOf(auctionId: string): Promise<AuctionOutcome | undefined> | undefined {
    return this.#waiting.get(auctionId)?.answer ??
      (this.#late.has(auctionId) ? Promise.resolve(undefined) : undefined);
  }

  isPending(auctionId: string): boolean {
    return this.#waiting.has(auctionId);
  }

  /** Pending, and nobody stands at the door: it has longer than somebody there would wait. */
  isUnattended(auctionId: string): boolean {
    return this.#waiting.get(auctionId)?.visit.async === true;
  }

  /**
   * Gives an outcome to who waits for it. `undelivered`: it was answered empty already. `unknown`:
   * another gateway's, or a repetition.
   */
  settle(outcome: AuctionOutcome): 'delivered' | 'undelivered' | 'unknown' {
    const { auctionId } = outcome;
    const waiting = this.#waiting.get(auctionId);
    if (!waiting) return this.#late.delete(auctionId) ? 'undelivered' : 'unknown';
    this.#waiting.delete(auctionId);
    waiting.resolve(outcome);
    return 'delivered';
  }

  /** Answers with nothing before the deadline: a win that comes all the same is undelivered. */
  giveUp(auctionId: string, now: number): void {
    const waiting = this.#waiting.get(auctionId);
    if (waiting) this.#miss(waiting, now);
  }

  /** Answers what is due with nothing; returns whose time ran out now. */
  sweep(now: number): Visit[] {
    const expired = now < this.#dueFrom ? [] : this.#expire(now);
    for (const [auctionId, until] of this.#late) {
      if (until > now) break;
      this.#late.delete(auctionId);
    }
    return expired;
  }

  #expire(now: number): Visit[] {
    const expired: Visit[] = [];
    this.#dueFrom = Infinity;
    for (const waiting of this.#waiting.values()) {
      const { visit } = waiting;
      if (visit.deadline > now) {
        this.#dueFrom = Math.min(this.#dueFrom, visit.deadline);
        continue;
      }
      this.#miss(waiting, now);
      expired.push(visit);
    }
    return expired;
  }

  #miss({ visit: { auctionId }, resolve }: Waiting, now: number): void {
    this.#waiting.delete(auctionId);
    if (this.#late.size < LATE_MAX) this.#late.set(auctionId, now + LATE_MS);
    this.#missedAt = now;
    resolve(undefined);
  }
}
