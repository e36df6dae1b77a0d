/**
 * Details on their way out. They are written as soon as their auctions have closed, while all they tell
 * of is at hand. They say when the ledger had the outcome, too, so they wait for that; where it takes
 * long they go without.
 */
import type { Bus, Outgoing } from '#shared/bus/bus.ts';
import { type Log, seldom } from '#shared/log.ts';
import { UnderWay } from '#shared/model/under-way.ts';
import { type Clock, fineTime } from '#shared/service.ts';
import { auctionFields } from '#shared/trace.ts';
import { type Decided, explain, type Explained, withStored } from './details.ts';

/** Auctions that wait, at most: a tenth of a second of full load, some 10 MB. */
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
    const explained = this.#explain(decided);
    if (this.#waiting + explained.length > WAITING_MAX) return this.#publish(explained);
    this.#waiting += explained.length;
    this.#underWay.keep(stored.then((isStored) => {
      this.#waiting -= explained.length;
      this.#publish(explained, isStored ? fineTime(this.#on.clock) : undefined);
    }));
  }

  /** Resolves when all are handed to the bus. */
  close(): Promise<void> {
    return this.#underWay.ended();
  }

  #explain(decided: readonly Decided[]): Explained[] {
    const explained: Explained[] = [];
    for (const one of decided) {
      try {
        explained.push(explain(one));
      } catch (error) {
        this.#logLost('details_lost', { error, ...auctionFields(one.auction.message) });
      }
    }
    return explained;
  }

  #publish(explained: readonly Explained[], storedAt?: number): void {
    const records = explained.map((one): Outgoing<'auction_details'> => ({
      partition: one.partition,
      value: storedAt === undefined ? one.details : withStored(one, storedAt),
    }));
    this.#on.bus.publish('auction_details', records)
      .catch((error) => this.#logLost('details_lost', { error }));
  }
}
