/** What the winner pays. */
import type { AuctionRules } from '#shared/model/events.ts';
import { floorToPriceStep } from '#shared/model/money.ts';
import type { Terms } from './terms.ts';
import { cpm, quoted } from './wording.ts';

export interface Clearing {
  priceMicros: number;
  /** What the price is, in words: `the second bid of 0.90 CPM plus 0.01 CPM`. */
  basis: string;
}

/**
 * The clearing price of a winning bid: never above the bid and never below its floor.
 *
 * First price: the bid. Agreed price: the deal's floor. Second price: `min(bid, max(floor, second +
 * increment))`, and the floor where there is no second bid. The result is rounded down to the price
 * step; where that would pass below the floor, the floor itself is charged as it is.
 *
 * @param secondMicros the next highest eligible bid on the imp, undefined when there is none.
 */
export function clear(
  bidMicros: number,
  terms: Terms,
  secondMicros: number | undefined,
  rules: AuctionRules,
): Clearing {
  const exact = exactPrice(bidMicros, terms, secondMicros, rules);
  const stepped = floorToPriceStep(exact.priceMicros);
  if (stepped === exact.priceMicros) return exact;
  // Only near a floor off the grid: anything above it by a step or more stays above it.
  if (stepped < terms.floorMicros) return raisedToFloor(exact, terms);
  return { priceMicros: stepped, basis: `${exact.basis}, rounded down` };
}

function raisedToFloor({ priceMicros, basis }: Clearing, { floorMicros }: Terms): Clearing {
  if (priceMicros === floorMicros) return { priceMicros, basis };
  return { priceMicros: floorMicros, basis: `${basis}, rounded down to its floor` };
}

function exactPrice(
  bidMicros: number,
  { at, deal, floorMicros }: Terms,
  secondMicros: number | undefined,
  { incrementMicros }: AuctionRules,
): Clearing {
  if (at === 1) {
    return { priceMicros: bidMicros, basis: 'its own bid, as the price is first price' };
  }
  if (at === 3) {
    return {
      priceMicros: floorMicros,
      basis: `the agreed price of deal ${quoted(deal?.id ?? '')}`,
    };
  }
  if (secondMicros === undefined) {
    return { priceMicros: floorMicros, basis: 'the floor, as no other bid is eligible' };
  }
  const raised = secondMicros + incrementMicros;
  const second = `the second bid of ${cpm(secondMicros)} plus ${cpm(incrementMicros)}`;
  if (raised > bidMicros) {
    return { priceMicros: bidMicros, basis: `its own bid, as ${second} is more` };
  }
  if (raised < floorMicros) {
    return { priceMicros: floorMicros, basis: `its floor, as ${second} is less` };
  }
  return { priceMicros: raised, basis: second };
}
