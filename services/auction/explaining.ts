/**
 * Details on their way out. They say when the ledger had their outcome, so they wait for that; where
 * it takes long they go without.
 */
import type { Bus, Outgoing } from '#shared/bus/bus.ts';
import { type Log, seldom } from '#shared/log.ts';
import { type Clock, fineTime } from '#shared/service.ts';

/** Details that wait, at most: a quarter of a second of full load, some 10 MB. */
const WAITING_MAX = 2_000;

export interface ExplainingSetup {
  bus: Pick<Bus, 'publish'>;
  clock: Clock;
  log: Log;
}

export class Explaining {
  readonly #on: ExplainingSetup;
  readonly #underWay = new Set<Promise<void>>();
  readonly #logLost: Log['warn'];
  #waiting = 0;

  constructor(setup: ExplainingSetup) {
    this.#on = setup;
    this.#logLost = seldom(setup.log.warn, setup.clock);
  }

  /**
   * @param stored whether the bus took the outcomes, at the first try; MUST NOT reject.
   * @param closedAt when their auctions closed, as of {@link fineTime}
   */
  take(
    details: readonly Outgoing<'auction_details'>[],
    stored: Promise<boolean>,
    closedAt: number,
  ): void {
    if (this.#waiting + details.length > WAITING_MAX) return this.#publish(details);
    this.#waiting += details.length;
    const work = stored.then((isStored) => {
      this.#underWay.delete(work);
      this.#waiting -= details.length;
      if (isStored) noteStored(details, fineTime(this.#on.clock) - closedAt);
      this.#publish(details);
    });
    this.#underWay.add(work);
  }

  /** Resolves when all are handed to the bus. */
  async close(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  #publish(details: readonly Outgoing<'auction_details'>[]): void {
    this.#on.bus.publish('auction_details', details)
      .catch((error) => this.#logLost('details_lost', { error }));
  }
}

function noteStored(details: readonly Outgoing<'auction_details'>[], tookMs: number): void {
  for (const { value: { times } } of details) {
    if (times) times.stored = Math.round((times.closed + tookMs) * 1_000) / 1_000;
  }
}
