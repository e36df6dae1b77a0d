/** Wins that came after the publisher had to be answered empty: they must never be charged. */
import type { Bus } from '#shared/bus/bus.ts';
import { type Log, seldom } from '#shared/log.ts';
import type { AdEvent, AuctionOutcome } from '#shared/model/events.ts';
import type { Clock } from '#shared/service.ts';
import { auctionFields } from '#shared/trace.ts';

/** ms before the bus is offered again what it did not take. */
export const RETRY_MS = 500;

export interface UndeliveredSetup {
  bus: Pick<Bus, 'publish'>;
  clock: Clock;
  log: Log;
  count: { inc(): void };
}

export class Undelivered {
  readonly #on: UndeliveredSetup;
  readonly #logUnstored: Log['error'];
  #ending = false;

  constructor(setup: UndeliveredSetup) {
    this.#on = setup;
    this.#logUnstored = seldom(setup.log.error, setup.clock);
  }

  /** Until the bus has taken it: what is not told counts as sold. They are as few as wins that come late. */
  tell(outcome: AuctionOutcome, partition: number): void {
    this.#on.count.inc();
    void this.#insist(undeliveredEvent(outcome, this.#on.clock.now()), partition);
  }

  /** What the bus does not take from now on is given up. */
  end(): void {
    this.#ending = true;
  }

  async #insist(value: AdEvent, partition: number): Promise<void> {
    for (;;) {
      try {
        return await this.#on.bus.publish('ad_events', [{ partition, value }]);
      } catch (error) {
        this.#logUnstored('event_not_stored', { error, ...auctionFields(value) });
      }
      if (this.#ending) return;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

function undeliveredEvent(outcome: AuctionOutcome, at: number): AdEvent {
  const { auctionId, traceparent, deadline, publisherId } = outcome;
  return {
    v: 1,
    auctionId,
    traceparent,
    issuedAt: at,
    deadline,
    kind: 'undelivered',
    publisherId,
    at,
  };
}
