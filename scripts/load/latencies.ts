/**
 * Latencies as counts per bucket: memory stays the same however many are recorded, and recording
 * costs some nanoseconds. A bucket is at most 1.6 % wide, so that is the error of a percentile.
 */
export class Latencies {
  readonly #counts = new Uint32Array(BUCKETS);
  #count = 0;
  #maxUs = 0;

  /** @param us microseconds; below 0 counts as 0, above half an hour as half an hour. */
  record(us: number): void {
    const whole = us <= 0 ? 0 : us >= LARGEST_US ? LARGEST_US : Math.round(us);
    this.#counts[bucketOf(whole)]!++;
    this.#count++;
    if (whole > this.#maxUs) this.#maxUs = whole;
  }

  get count(): number {
    return this.#count;
  }

  get maxMs(): number {
    return this.#maxUs / 1000;
  }

  /** The latency in ms that `share` (0 to 1) of the recorded ones do not exceed; NaN of none. */
  percentileMs(share: number): number {
    if (this.#count === 0) return NaN;
    let rest = Math.max(1, Math.ceil(share * this.#count));
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      rest -= this.#counts[bucket]!;
      if (rest <= 0) return Math.min(upperEndOf(bucket), this.#maxUs) / 1000;
    }
    return this.maxMs;
  }
}

/** Buckets per doubling, as a power of two. */
const DETAIL_BITS = 6;
const DETAIL = 2 ** DETAIL_BITS;
/** Signed 32 bits of microseconds: 35 minutes. */
const LARGEST_US = 2 ** 31 - 1;
const BUCKETS = (32 - DETAIL_BITS) * DETAIL;

function bucketOf(us: number): number {
  if (us < 2 * DETAIL) return us;
  const shift = 31 - Math.clz32(us) - DETAIL_BITS;
  return shift * DETAIL + (us >> shift);
}

function upperEndOf(bucket: number): number {
  if (bucket < 2 * DETAIL) return bucket;
  const shift = Math.floor(bucket / DETAIL) - 1;
  return (bucket - shift * DETAIL + 1) * 2 ** shift - 1;
}
