/** When an open-loop sender sends: ms from the start, each not before the last. */
import { rateAt } from '#shared/demo/traffic.ts';

export interface Shape {
  /** Requests per second, the mean of a day when the rate follows the day curve. */
  ratePerS: number;
  durationS: number;
  /** Seconds that one day of the curve takes; without it the rate is constant. */
  dayS?: number;
}

/** Sends at a rate. The curve begins at {@link DAY_START}, so that a run shows trough and peak. */
export function* sendTimes({ ratePerS, durationS, dayS }: Shape): Generator<number> {
  const endMs = durationS * 1000;
  const gapMs = 1000 / ratePerS;
  if (dayS === undefined) {
    // Multiplied, not added up: a day at 7 per second must not drift.
    for (let n = 0; n * gapMs < endMs; n++) yield n * gapMs;
    return;
  }
  for (let atMs = 0; atMs < endMs;) {
    yield atMs;
    atMs += gapMs / rateAt((DAY_START + atMs / 1000 / dayS) % 1);
  }
}
/** What the clock of the curve shows, `06:00`, after this many ms of a run. */
export function timeOfDay(atMs: number, dayS: number): string {
  const minutes = Math.floor(((DAY_START + atMs / 1000 / dayS) % 1) * 24 * 60);
  return [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, '0')).join(
    ':',
  );
}

/** 06:00, the quietest hour: the first seconds of a demo grow, as mornings do. */
const DAY_START = 6 / 24;

/** Sends `count` times, `delayS` seconds apart. */
export function* spacedTimes(count: number, delayS: number): Generator<number> {
  for (let n = 0; n < count; n++) yield n * delayS * 1000;
}

/** How much of a run is done, from 0 to 1: of so many requests by those sent, else by the clock. */
export function shareDone(
  { count, duration }: { count?: number | undefined; duration: number },
  sent: number,
  elapsedMs: number,
): number {
  return count === undefined ? elapsedMs / (1000 * duration) : sent / count;
}
