/**
 * Details on their way out. They say when the ledger had their outcome, so they wait for that; where
 * it takes long they go without.
 */
import type { Bus, Outgoing } from '#shared/bus/bus.ts';
import { type Log, seldom } from '#shared/log.ts';
import { UnderWay } from '#shared/model/under-way.ts';
import { type Clock, fineTime } from '#shared/service.ts';
import { type Decided, makeDetails } from './details.ts';

/** Auctions that wait, at most: a quarter of a second of full load, some 10 MB. */
const WAITING_MAX = 2_000;

export interface ExplainingSetup {
  bus: Pick<Bus, 'publish'>;
  clock: Clock;
  log: Log;
}

export class Explaining {
  readonly #on: ExplainingSetup;
  readonly #underWay = new UnderWay();
  readonly #logLost: Log['warn'];
  #waiting = 0;

  constructor(setup: ExplainingSetup) {
    this.#on = setup;
    this.#logLost = seldom(setup.log.warn, setup.clock);
  }

  /**
   * @param decided auctions that closed together
   * @param stored whether the bus took the outcomes, at the first try; MUST NOT reject.
   */
  take(decided: readonly Decided[], stored: Promise<boolean>): void {
    if (this.#waiting + decided.length > WAITING_MAX) return this.#publish(decided);
    this.#waiting += decided.length;
    this.#underWay.keep(stored.then((isStored) => {
      this.#waiting -= decided.length;
      this.#publish(decided, isStored ? fineTime(this.#on.clock) : undefined);
    }));
  }

  /** Resolves when all are handed to the bus. */
  close(): Promise<void> {
    return this.#underWay.ended();
  }

  #publish(decided: readonly Decided[], storedAt?: number): void {
    const details: Outgoing<'auction_details'>[] = [];
    for (const one of decided) {
      const { partition, message } = one.auction;
      const storedMs = storedAt === undefined ? undefined : storedAt - one.closedAt;
      try {
        details.push({ partition, value: makeDetails(one, storedMs) });
      } catch (error) {
        this.#logLost('details_lost', { error, auction_id: message.auctionId });
      }
    }
    this.#on.bus.publish('auction_details', details)
      .catch((error) => this.#logLost('details_lost', { error }));
  }
}
