/**
 * The publishers that wait for their auction. Pure: time is an argument. Whoever is answered empty
 * at the deadline stays known for a moment, so that a win that comes too late is seen as
 * undelivered and never charged.
 */
import type { AuctionOutcome } from '#shared/model/events.ts';

/** How long after its deadline an outcome is still looked out for. */
const LATE_MS = 2_000;

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

interface Waiting extends Visit {
  answer: Promise<AuctionOutcome | undefined>;
  resolve: (outcome: AuctionOutcome | undefined) => void;
  /** The deadline has passed without an outcome. */
  expired: boolean;
}

export class WaitingRoom {
  readonly #waiting = new Map<string, Waiting>();
  #open = 0;

  /** Auctions that somebody waits for. */
  get size(): number {
    return this.#open;
  }

  /** Resolves to the outcome, or to undefined at the deadline. */
  enter(visit: Visit): Promise<AuctionOutcome | undefined> {
    const { promise, resolve } = Promise.withResolvers<AuctionOutcome | undefined>();
    this.#waiting.set(visit.auctionId, { ...visit, answer: promise, resolve, expired: false });
    this.#open++;
    return promise;
  }

  /** The answer somebody else is waiting for already. */
  answerOf(auctionId: string): Promise<AuctionOutcome | undefined> | undefined {
    return this.#waiting.get(auctionId)?.answer;
  }

  isPending(auctionId: string): boolean {
    const waiting = this.#waiting.get(auctionId);
    return waiting !== undefined && !waiting.expired;
  }

  /**
   * Gives an outcome to who waits for it. `undelivered`: it was answered empty already. `unknown`:
   * another gateway's, or a repetition.
   */
  settle(outcome: AuctionOutcome): 'delivered' | 'undelivered' | 'unknown' {
    const waiting = this.#waiting.get(outcome.auctionId);
    if (!waiting) return 'unknown';
    this.#waiting.delete(outcome.auctionId);
    if (waiting.expired) return 'undelivered';
    this.#open--;
    waiting.resolve(outcome);
    return 'delivered';
  }

  /** Answers what is due with nothing; returns whose time ran out now. */
  sweep(now: number): Visit[] {
    const expired: Visit[] = [];
    for (const waiting of this.#waiting.values()) {
      if (waiting.deadline > now) continue;
      if (!waiting.expired) {
        waiting.expired = true;
        this.#open--;
        waiting.resolve(undefined);
        expired.push(waiting);
      } else if (waiting.deadline + LATE_MS <= now) this.#waiting.delete(waiting.auctionId);
    }
    return expired;
  }
}
