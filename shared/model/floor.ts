/** What a floor in decimal CPM asks of a bid, in micros. */
import { cpmToMicros, PRICE_MICROS_MAX } from './money.ts';
import type { DurFloors } from './openrtb.ts';

/** Kept between zero and the highest price, so that no floor gives a price that is no amount. */
export function floorToMicros(bidfloor: number): number {
  return bidfloor > 0 ? Math.min(cpmToMicros(bidfloor), PRICE_MICROS_MAX) : 0;
}

/** Floors of a video, an audio or a deal that go by the length of the ad (implementation guide 7.11). */
export interface LengthFloors {
  mincpmpersec?: number;
  durfloors?: DurFloors[];
}

/** Whether there are any. A second that costs nothing is what a sender writes that knows of none. */
export function goesByLength({ mincpmpersec, durfloors }: LengthFloors): boolean {
  return mincpmpersec! > 0 || (durfloors !== undefined && durfloors.length > 0);
}

/**
 * For an ad of so many seconds; undefined where it is in none of the ranges. Where it is in several
 * the text leaves open which counts (§3.2.35): the highest, so that none is sold short.
 */
export function lengthFloorMicros(
  { mincpmpersec, durfloors }: LengthFloors,
  seconds: number,
): number | undefined {
  if (mincpmpersec! > 0) return floorToMicros(mincpmpersec! * seconds);
  let highest: number | undefined;
  for (const { mindur = 0, maxdur = Infinity, bidfloor = 0 } of durfloors ?? []) {
    if (seconds < mindur || seconds > maxdur) continue;
    highest = Math.max(highest ?? 0, floorToMicros(bidfloor));
  }
  return highest;
}
