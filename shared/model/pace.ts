/**
 * Keeps steps some time apart, so that under load each does more. After a pause the first step is not
 * delayed: who is alone does not wait.
 */
export class Pace {
  readonly #ms: number;
  #last = -Infinity;
  /** Steps whose time has not come, in order. */
  readonly #waiting: { at: number; timer: NodeJS.Timeout; take: () => void }[] = [];

  constructor(ms: number) {
    this.#ms = ms;
  }

  /** Resolves when the next step may be taken. */
  step(): Promise<void> {
    const now = performance.now();
    const at = this.#last + this.#ms;
    this.#last = Math.max(now, at);
    if (at <= now) return NOW;
    return new Promise((take) => {
      this.#waiting.push({ at, timer: setTimeout(() => this.#take(), at - now), take });
    });
  }

  /**
   * Takes steps whose time has come. For who passes by anyway: timers count in whole ms, and those of
   * Deno 2.9 come one later still.
   */
  look(): void {
    while (this.#waiting.length > 0 && performance.now() >= this.#waiting[0]!.at) this.#take();
  }

  #take(): void {
    const { timer, take } = this.#waiting.shift()!;
    clearTimeout(timer);
    take();
  }
}

const NOW = Promise.resolve();
