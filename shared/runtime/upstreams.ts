/** Several addresses of one stage, taken in turn; one that does not answer is passed over for a while. */

/** ms: long enough that a lost machine costs few requests, short enough that a restart is soon used. */
export const PASSED_OVER_MS = 5_000;

export class Upstreams {
  readonly #origins: readonly string[];
  /** Epoch ms until which an origin is passed over. */
  readonly #passedOver = new Map<string, number>();
  #turn = 0;

  constructor(origins: readonly string[]) {
    this.#origins = origins;
  }

  /** All of them, the next in turn first; those passed over come last, for when nothing else is left. */
  inTurn(nowMs: number): string[] {
    const turn = this.#turn++ % this.#origins.length;
    const rotated = [...this.#origins.slice(turn), ...this.#origins.slice(0, turn)];
    const isPassedOver = (origin: string): boolean => (this.#passedOver.get(origin) ?? 0) > nowMs;
    return [...rotated.filter((one) => !isPassedOver(one)), ...rotated.filter(isPassedOver)];
  }

  failed(origin: string, nowMs: number): void {
    this.#passedOver.set(origin, nowMs + PASSED_OVER_MS);
  }

  answered(origin: string): void {
    this.#passedOver.delete(origin);
  }
}
