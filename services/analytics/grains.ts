/** The lengths of time that sums are kept and shown by, all in UTC. */

export const GRAINS = {
  minute: { ms: 60_000, startOf: (time: string) => `toStartOfMinute(${time})` },
  hour: { ms: 3_600_000, startOf: (time: string) => `toStartOfHour(${time})` },
  day: { ms: 86_400_000, startOf: (time: string) => `toStartOfDay(${time})` },
} as const;

/** The shortest time between two beginnings. */
export type Grain = keyof typeof GRAINS;
