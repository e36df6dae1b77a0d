/** Work that is done again and again, never twice at once. */
export class RepeatingWork {
  readonly #onError: (error: unknown) => void;
  /** With what of it is under way. */
  readonly #timers = new Map<NodeJS.Timeout, Promise<void> | undefined>();

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  every(ms: number, work: () => Promise<void>): void {
    const timer = setInterval(() => {
      if (this.#timers.get(timer)) return;
      const turn = work().catch(this.#onError).finally(() => this.#timers.set(timer, undefined));
      this.#timers.set(timer, turn);
    }, ms);
    this.#timers.set(timer, undefined);
  }

  /** Begins nothing more; resolves when what is under way has ended. */
  async end(): Promise<void> {
    for (const timer of this.#timers.keys()) clearInterval(timer);
    await Promise.all(this.#timers.values());
  }
}
