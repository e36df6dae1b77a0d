/** Outcomes on their way into the ledger. */
import { type Bus, BusError, type Outgoing } from '#shared/bus/bus.ts';
import { type Log, seldom } from '#shared/log.ts';
import type { Metrics } from '#shared/metrics.ts';
import type { Clock } from '#shared/service.ts';

/** ms before the bus is offered again what it did not take. */
export const RETRY_MS = 500;
/** Outcomes kept for that; more are given up, so that a bus that is away for long costs no more memory. */
const RETRIED_MAX = 20_000;

export interface StoringSetup {
  bus: Pick<Bus, 'publish'>;
  clock: Clock;
  log: Log;
  metrics: Metrics;
}

type Outcome = Outgoing<'auction_outcomes'>;
/** What the bus made of outcomes. */
type Taken = 'stored' | 'later' | 'never';

export class Storing {
  readonly #bus: StoringSetup['bus'];
  readonly #unstored: { inc(by: number): void };
  readonly #logUnstored: Log['error'];
  /** Outcomes that wait to be offered again. */
  #retried = 0;
  #ending = false;

  constructor({ bus, clock, log, metrics }: StoringSetup) {
    this.#bus = bus;
    this.#unstored = metrics.counter(
      'helios_outcomes_unstored_total',
      'Outcomes the bus did not take',
      [],
    )({});
    this.#logUnstored = seldom(log.error, clock);
  }

  /**
   * Somebody was promised an outcome, so it is offered again until the bus takes it. Neither promise
   * rejects: they resolve to whether it has taken all, at the first try, or in the end.
   */
  take(outcomes: readonly Outcome[]): { atOnce: Promise<boolean>; stored: Promise<boolean> } {
    const atOnce = this.#offer(outcomes).then((taken) => taken === 'stored');
    return { atOnce, stored: atOnce.then((isStored) => isStored || this.#insist(outcomes)) };
  }

  /** What is offered from now on is offered once. */
  end(): void {
    this.#ending = true;
  }

  /** One by one: what is never taken must not have the others stored with each try. */
  async #insist(outcomes: readonly Outcome[]): Promise<boolean> {
    const stored = await Promise.all(outcomes.map(async (outcome) => {
      let taken: Taken = 'later';
      while (taken === 'later' && !this.#ending && this.#retried < RETRIED_MAX) {
        this.#retried++;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
        this.#retried--;
        taken = await this.#offer([outcome]);
      }
      return taken === 'stored';
    }));
    return !stored.includes(false);
  }

  #offer(outcomes: readonly Outcome[]): Promise<Taken> {
    return this.#bus.publish('auction_outcomes', outcomes).then(() => 'stored', (error) => {
      this.#unstored.inc(outcomes.length);
      this.#logUnstored('outcome_not_stored', { error });
      return error instanceof BusError && error.code === 'misuse' ? 'never' : 'later';
    });
  }
}
