/** Looks after what waits, again and again, and rests while nothing does: an idle process sleeps. */
export class Lookout {
  readonly #ms: number;
  readonly #look: () => boolean;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  /** @param look every `ms`; tells whether something still waits */
  constructor(ms: number, look: () => boolean) {
    this.#ms = ms;
    this.#look = look;
  }

  /** Something waits now. */
  wake(): void {
    if (this.#timer || this.#stopped) return;
    this.#timer = setInterval(() => {
      if (!this.#look()) this.#rest();
    }, this.#ms);
  }

  stop(): void {
    this.#stopped = true;
    this.#rest();
  }

  #rest(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
