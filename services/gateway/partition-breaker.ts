/**
 * Which partition the next auction goes to: the gateway's own in turn, but not one whose auctions
 * have ended without an outcome lately. When an auction stage dies, its partitions answer nobody
 * until the others have taken them over; without this, half of all requests would wait in vain for
 * that long. Pure: time is an argument.
 */

/** Misses in a row: a single one may be a lost packet. */
const MISSES_MAX = 3;
/** A partition that is passed over gets one auction in this time, in ms, to see whether it is back. */
const PROBE_INTERVAL_MS = 1_000;
/** An auction with less time than this, in ms, may miss for its own haste. */
const FAIR_TIME_MS = 40;

interface State {
  misses: number;
  /** Epoch ms of the next auction it may have; only counts while it is passed over. */
  probeAt: number;
}

export class PartitionBreaker {
  readonly #partitions: readonly number[];
  readonly #states = new Map<number, State>();
  #turn = 0;
  #broken = 0;

  constructor(partitions: readonly number[]) {
    this.#partitions = partitions;
    for (const partition of partitions) this.#states.set(partition, { misses: 0, probeAt: 0 });
  }

  /** Partitions passed over now. */
  get broken(): number {
    return this.#broken;
  }

  /** The next one in turn that answers, or is to be tried again; when none does, the next in turn. */
  next(now: number): number {
    for (let tries = 0; tries < this.#partitions.length; tries++) {
      const partition = this.#take();
      const state = this.#states.get(partition)!;
      if (state.misses < MISSES_MAX) return partition;
      if (now < state.probeAt) continue;
      state.probeAt = now + PROBE_INTERVAL_MS;
      return partition;
    }
    return this.#take();
  }

  answered(partition: number): void {
    const state = this.#states.get(partition);
    if (!state || state.misses === 0) return;
    if (state.misses >= MISSES_MAX) this.#broken--;
    state.misses = 0;
  }

  /** An auction that had `timeMs` got no outcome in it. */
  missed(partition: number, timeMs: number, now: number): void {
    const state = this.#states.get(partition);
    if (!state || timeMs < FAIR_TIME_MS) return;
    state.misses++;
    if (state.misses !== MISSES_MAX) return;
    this.#broken++;
    state.probeAt = now + PROBE_INTERVAL_MS;
  }

  #take(): number {
    const partition = this.#partitions[this.#turn]!;
    this.#turn = (this.#turn + 1) % this.#partitions.length;
    return partition;
  }
}
