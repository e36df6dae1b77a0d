import type { Clock } from '#shared/service.ts';

/** Failures in a row after which asking again only costs time. */
const FAILURES_MAX = 3;
/** Between two probes of a service that is down; so much later a recovery is noticed at most. */
const PROBE_EVERY_MS = 1_000;

/** Says when to stop asking a service that fails, and lets one call through now and then as a probe. */
export class LookupBreaker {
  readonly #clock: Clock;
  #failures = 0;
  #probeAtMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether to make this call. Asking is taking: while it is open, one yes a second. */
  allows(): boolean {
    if (this.#failures < FAILURES_MAX) return true;
    const nowMs = this.#clock.now();
    if (nowMs < this.#probeAtMs) return false;
    this.#probeAtMs = nowMs + PROBE_EVERY_MS;
    return true;
  }

  succeeded(): void {
    this.#failures = 0;
  }

  failed(): void {
    if (++this.#failures === FAILURES_MAX) this.#probeAtMs = this.#clock.now() + PROBE_EVERY_MS;
  }
}
