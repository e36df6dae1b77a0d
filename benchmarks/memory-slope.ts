/** Whether memory grows, out of many looks at it. */
export interface MemorySample {
  /** Seconds from the start of the watch. */
  atS: number;
  rssMiB: number;
}

/** MiB per minute by least squares: one late collection does not make a trend. */
export function slopePerMinute(samples: readonly MemorySample[]): number {
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
