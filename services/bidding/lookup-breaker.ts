import type { Clock } from '#shared/service.ts';

/** Failures in a row after which asking again only costs time. */
const FAILURES_MAX = 3;
/**
 * So long they must have lasted: when either side pauses, for a collection or because the machine is
 * busy, all calls under way fail together, and the next one may succeed.
 */
const PAUSE_MS_MAX = 250;
/** Between two probes of a service that is down; so much later a recovery is noticed at most. */
const PROBE_EVERY_MS = 1_000;

/** Says when to stop asking a service that fails, and lets one call through now and then as a probe. */
export class LookupBreaker {
  readonly #clock: Clock;
  #failures = 0;
  #firstMs = 0;
  #isOpen = false;
  #probeAtMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether to make this call. Asking is taking: while it is open, one yes a second. */
  allows(): boolean {
    if (!this.#isOpen) return true;
    const nowMs = this.#clock.now();
    const waitMs = this.#probeAtMs - nowMs;
    // More is of a clock that was set back.
    if (waitMs > 0 && waitMs <= PROBE_EVERY_MS) return false;
    this.#probeAtMs = nowMs + PROBE_EVERY_MS;
    return true;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#isOpen = false;
  }

  failed(): void {
    const nowMs = this.#clock.now();
    if (this.#failures++ === 0) this.#firstMs = nowMs;
    if (this.#isOpen || this.#failures < FAILURES_MAX) return;
    if (nowMs - this.#firstMs < PAUSE_MS_MAX) return;
    this.#isOpen = true;
    this.#probeAtMs = nowMs + PROBE_EVERY_MS;
  }
}
