/**
 * Which partition the next auction goes to: the gateway's own in turn, but not one whose auctions
 * have ended without an outcome lately. When an auction stage dies, its partitions answer nobody
 * until the others have taken them over; without this, half of all requests would wait in vain for
 * that long. Pure: time is an argument.
 *
 * A turn lasts a while, so that auctions that begin together stay together on their way: dealt out one
 * by one, a batch of ten would wake every instance of the stages behind, each for two or three.
 */

/**
 * ms of a turn: two or three batches of requests (kafka-paces.ts). What one instance gets in it, it gets
 * while others rest, so longer turns would be felt in its queue.
 */
const TURN_MS = 20;

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
  #next = 0;
  #broken = 0;
  /** Whose turn it is, and since which epoch ms. */
  #turn = { partition: -1, since: -Infinity };

  constructor(partitions: readonly number[]) {
    this.#partitions = partitions;
    for (const partition of partitions) this.#states.set(partition, { misses: 0, probeAt: 0 });
  }

  /** Partitions passed over now. */
  get broken(): number {
    return this.#broken;
  }

  /**
   * The one whose turn it is, while it answers; then the next that does, or is to be tried again. When
   * none does, all in turn, one auction each.
   */
  next(now: number): number {
    if (this.#lasts(now)) return this.#turn.partition;
    for (let tries = 0; tries < this.#partitions.length; tries++) {
      const partition = this.#take();
      const state = this.#states.get(partition)!;
      if (state.misses < MISSES_MAX) {
        this.#turn = { partition, since: now };
        return partition;
      }
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

  /** A clock that was set back ends a turn as well. */
  #lasts(now: number): boolean {
    const { partition, since } = this.#turn;
    if (now < since || now - since >= TURN_MS) return false;
    return this.#states.get(partition)!.misses < MISSES_MAX;
  }

  #take(): number {
    const partition = this.#partitions[this.#next]!;
    this.#next = (this.#next + 1) % this.#partitions.length;
    return partition;
  }
}
