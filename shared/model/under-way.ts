/**
 * Counts work that has begun, for who must not close before it has ended. A set of promises would do
 * the same, at the price that a TurnoverMap is there to save.
 */
export class UnderWay {
  #count = 0;
  #waiting: PromiseWithResolvers<void> | undefined;

  /** @param work however it ends: its failure is for others to see. */
  keep(work: Promise<unknown>): void {
    this.#count++;
    work.then(this.#ended, this.#ended);
  }

  /** Resolves when nothing is left. */
  async ended(): Promise<void> {
    if (this.#count === 0) return;
    this.#waiting ??= Promise.withResolvers();
    await this.#waiting.promise;
  }

  readonly #ended = (): void => {
    if (--this.#count > 0) return;
    this.#waiting?.resolve();
    this.#waiting = undefined;
  };
}
