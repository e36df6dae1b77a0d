/**
 * Looks without anything there before it rests: to begin again is dearer than some looks, and under load
 * something comes soon.
 */
const LOOKS_IN_VAIN = 10;

/** Looks after what waits, again and again, and rests while nothing does: an idle process sleeps. */
export class Lookout {
  readonly #ms: number;
  readonly #look: () => boolean;
  #timer: NodeJS.Timeout | undefined;
  #inVain = 0;
  #stopped = false;

  /** @param look every `ms`; tells whether something still waits */
  constructor(ms: number, look: () => boolean) {
    this.#ms = ms;
    this.#look = look;
  }

  /** Something waits now. */
  wake(): void {
    this.#inVain = 0;
    if (this.#timer || this.#stopped) return;
    this.#timer = setInterval(() => {
      if (this.#look()) this.#inVain = 0;
      else if (++this.#inVain === LOOKS_IN_VAIN) this.#rest();
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
