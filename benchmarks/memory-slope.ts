/** Whether memory grows, out of many looks at it. */
export interface MemorySample {
  /** Seconds from the start of the watch. */
  atS: number;
  rssMiB: number;
}

/** Longer than a merge of some thousand rows, or a late collection, holds what it takes. */
const SLICE_S = 10;

/**
 * MiB per minute by which the level grows: a line by least squares through the least of each ten
 * seconds. What is taken for a while makes no trend; what is never given back lifts the least, too.
 */
export function slopePerMinute(samples: readonly MemorySample[]): number {
  const slices = Map.groupBy(samples, ({ atS }) => Math.floor(atS / SLICE_S));
  return slope(
    [...slices.values()].map((slice) =>
      slice.reduce((least, sample) => sample.rssMiB < least.rssMiB ? sample : least)
    ),
  );
}

function slope(samples: readonly MemorySample[]): number {
  const mean = (pick: (sample: MemorySample) => number) =>
    samples.reduce((sum, sample) => sum + pick(sample), 0) / samples.length;
  const meanS = mean((sample) => sample.atS);
  const meanMiB = mean((sample) => sample.rssMiB);
  let both = 0;
  let spread = 0;
  for (const { atS, rssMiB } of samples) {
    both += (atS - meanS) * (rssMiB - meanMiB);
    spread += (atS - meanS) ** 2;
  }
  return (60 * both) / spread;
}
