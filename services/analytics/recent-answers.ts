/**
 * Answers that may be some seconds old, such as menus: kept in memory by what was asked. An answer
 * past its time is given once more while a newer one is made; who asks meanwhile waits for nothing.
 */
import type { Clock } from '#shared/service.ts';

/** ms; younger answers are given as they are. */
export const FRESH_MS = 30_000;
/** ms; older ones are not given at all. */
export const KEPT_MS = 300_000;
/** Answers kept; one of menus is about 8 kB. */
const ENTRIES_MAX = 100;

interface Kept<T> {
  answer: T;
  /** Epoch ms when it was asked for. */
  at: number;
}

export class RecentAnswers<T> {
  readonly #clock: Clock;
  readonly #onError: (error: unknown) => void;
  readonly #worthKeeping: (answer: T) => boolean;
  /** The one kept longest comes first. */
  readonly #kept = new Map<string, Kept<T>>();
  readonly #making = new Map<string, Promise<T>>();

  /**
   * @param onError told when a newer answer cannot be made in the background.
   * @param worthKeeping false of answers that are quickly made and soon out of date.
   */
  constructor(
    clock: Clock,
    onError: (error: unknown) => void,
    worthKeeping: (answer: T) => boolean = () => true,
  ) {
    this.#clock = clock;
    this.#onError = onError;
    this.#worthKeeping = worthKeeping;
  }

  /** The answer kept under the key, or a new one; rejects as `make` does, and keeps no failure. */
  async get(key: string, make: () => Promise<T>): Promise<T> {
    const kept = this.#kept.get(key);
    const age = kept ? this.#clock.now() - kept.at : Infinity;
    if (!kept || age >= KEPT_MS) return await this.#renew(key, make);
    if (age >= FRESH_MS && !this.#making.has(key)) {
      this.#renew(key, make).catch(this.#onError);
    }
    return kept.answer;
  }

  #renew(key: string, make: () => Promise<T>): Promise<T> {
    const under = this.#making.get(key);
    if (under) return under;
    const at = this.#clock.now();
    const made = make().then((answer) => this.#keep(key, { answer, at }))
      .finally(() => this.#making.delete(key));
    this.#making.set(key, made);
    return made;
  }

  #keep(key: string, kept: Kept<T>): T {
    this.#kept.delete(key);
    if (!this.#worthKeeping(kept.answer)) return kept.answer;
    this.#kept.set(key, kept);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= ENTRIES_MAX) break;
      this.#kept.delete(oldest);
    }
    return kept.answer;
  }
}
