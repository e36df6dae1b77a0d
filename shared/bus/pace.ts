/**
 * Keeps steps some time apart, so that under load each does more. After a pause the first step is not
 * delayed: who is alone does not wait.
 */
export class Pace {
  readonly #ms: number;
  #last = -Infinity;

  constructor(ms: number) {
    this.#ms = ms;
  }

  /** Resolves when the next step may be taken. */
  step(): Promise<void> {
    const wait = this.#last + this.#ms - performance.now();
    this.#last = performance.now() + Math.max(0, wait);
    return wait > 0 ? new Promise((resolve) => setTimeout(resolve, wait)) : NOW;
  }
}

const NOW = Promise.resolve();
