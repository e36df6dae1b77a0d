/** The lengths of time that sums are kept and shown by, all in UTC. */

export const HOUR_MS = 3_600_000;

interface GrainRule {
  /** SQL: the begin of the one a time lies in, as DateTime. */
  startOf(time: string): string;
  /** The same of an epoch time in ms. */
  begin(ms: number): number;
  /** Begin of the one after that which begins then, epoch ms. */
  next(begin: number): number;
}

export const GRAINS = {
  minute: even(60_000, (time) => `toStartOfMinute(${time})`),
  hour: even(HOUR_MS, (time) => `toStartOfHour(${time})`),
  day: even(24 * HOUR_MS, (time) => `toStartOfDay(${time})`),
  month: {
    // Of a month ClickHouse gives the day, which has no zone.
    startOf: (time) => `toDateTime(toStartOfMonth(${time}), 'UTC')`,
    begin: (ms) => monthBegin(ms, 0),
    next: (begin) => monthBegin(begin, 1),
  },
} as const satisfies Record<string, GrainRule>;

/** The shortest time between two beginnings. */
export type Grain = keyof typeof GRAINS;

function even(lengthMs: number, startOf: GrainRule['startOf']): GrainRule {
  return {
    startOf,
    begin: (ms) => Math.floor(ms / lengthMs) * lengthMs,
    next: (begin) => begin + lengthMs,
  };
}

function monthBegin(ms: number, later: number): number {
  const date = new Date(ms);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + later);
}
