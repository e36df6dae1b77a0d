/**
 * Counts outcomes and details as they are read. This runs for every auction of the exchange on its
 * busiest thread: some additions per auction; everything else waits for the tick, ten a second.
 */
import type { AuctionDetails, AuctionOutcome, ImpOutcome } from '#shared/model/events.ts';
import type { LiveAuction, LiveTop } from '#shared/model/live.ts';
import type { LivePulse, LiveSums } from '#shared/model/live-pulse.ts';
import { PRICE_CLASSES, priceClass, TIME_CLASSES, timeClass, toPairs } from './classes.ts';
import { noTop } from './top-names.ts';

/** Auctions shown of one pulse. */
export const SAMPLE_MAX = 20;
/**
 * Seats or sites told of one pulse. A name among the first eight comes early in nearly every pulse;
 * publishers choose the names, so without a bound they could fill our memory.
 */
export const NAMES_MAX = 100;

export interface PulseCounter {
  outcome(outcome: AuctionOutcome): void;
  details(details: AuctionDetails): void;
  /** What was counted since the last call, or undefined when that is nothing. */
  take(second: number): LivePulse | undefined;
}

/** @param random from 0 up to 1, for the sample */
export function createPulseCounter(instance: string, random: () => number): PulseCounter {
  return new Counter(instance, random);
}

class Counter implements PulseCounter {
  readonly #instance: string;
  readonly #random: () => number;
  readonly #took = new Uint32Array(TIME_CLASSES);
  readonly #won = new Uint32Array(PRICE_CLASSES);
  readonly #lost = new Uint32Array(PRICE_CLASSES);
  #sums = noSums();
  #explained = 0;
  #seats = new Map<string, LiveTop>();
  #sites = new Map<string, LiveTop>();
  #sample: AuctionOutcome[] = [];

  constructor(instance: string, random: () => number) {
    this.#instance = instance;
    this.#random = random;
  }

  outcome(outcome: AuctionOutcome): void {
    const { imps, test } = outcome;
    const sums = this.#sums;
    const site = nameOf(this.#sites, outcome.siteDomain);
    const auctions = ++sums.auctions;
    sums.imps += imps.length;
    if (outcome.closedBy === 'deadline') sums.late++;
    if (outcome.enriched) sums.enriched++;
    this.#took[timeClass(outcome.tookMs)]!++;
    if (site) site.offered += imps.length;
    for (const { winner } of imps) {
      if (!winner) continue;
      const revenueMicros = test ? 0 : winner.priceMicros;
      sums.won++;
      sums.revenueMicros += revenueMicros;
      sums.priceMicros += winner.priceMicros;
      sums.bidMicros += winner.bidMicros;
      addWin(site, revenueMicros);
      addWin(nameOf(this.#seats, winner.seat), revenueMicros);
    }
    // Reservoir sampling: each auction of the pulse is as likely as any other to be among them.
    if (auctions <= SAMPLE_MAX) this.#sample.push(outcome);
    else {
      const place = Math.floor(this.#random() * auctions);
      if (place < SAMPLE_MAX) this.#sample[place] = outcome;
    }
  }

  details({ offers }: AuctionDetails): void {
    this.#explained++;
    let imp = '';
    /** Seats that have bid on this imp: two bids of one are one offer. */
    const seats: string[] = [];
    for (const { impid, seat, status, priceMicros } of offers) {
      if (status === 'won') this.#won[priceClass(priceMicros)]!++;
      else if (status === 'lost') this.#lost[priceClass(priceMicros)]!++;
      if (impid !== imp) seats.length = 0;
      imp = impid;
      if (seats.includes(seat)) continue;
      seats.push(seat);
      const top = nameOf(this.#seats, seat);
      if (top) top.offered++;
    }
  }

  take(second: number): LivePulse | undefined {
    if (this.#sums.auctions === 0 && this.#explained === 0) return undefined;
    const pulse: LivePulse = {
      v: 1,
      instance: this.#instance,
      second,
      sums: this.#sums,
      explained: this.#explained,
      tookMs: toPairs(this.#took),
      won: toPairs(this.#won),
      lost: toPairs(this.#lost),
      seats: [...this.#seats.values()],
      sites: [...this.#sites.values()],
      rows: this.#sample.map(liveAuction).sort((a, b) => b.at - a.at),
    };
    this.#sums = noSums();
    this.#explained = 0;
    this.#seats = new Map();
    this.#sites = new Map();
    this.#sample = [];
    for (const counts of [this.#took, this.#won, this.#lost]) counts.fill(0);
    return pulse;
  }
}

export function noSums(): LiveSums {
  return {
    auctions: 0,
    imps: 0,
    won: 0,
    late: 0,
    enriched: 0,
    revenueMicros: 0,
    priceMicros: 0,
    bidMicros: 0,
  };
}

function nameOf(names: Map<string, LiveTop>, name: string): LiveTop | undefined {
  let top = names.get(name);
  if (!top && name !== '' && names.size < NAMES_MAX) {
    names.set(name, top = noTop(name));
  }
  return top;
}

function addWin(top: LiveTop | undefined, revenueMicros: number): void {
  if (!top) return;
  top.won++;
  top.revenueMicros += revenueMicros;
}

/** Made for the sample only. */
function liveAuction(outcome: AuctionOutcome): LiveAuction {
  const { imps } = outcome;
  const shown = imps.reduce<ImpOutcome | undefined>(dearer, undefined);
  const winner = shown?.winner;
  return {
    id: outcome.auctionId,
    at: outcome.issuedAt,
    publisherId: outcome.publisherId,
    siteDomain: outcome.siteDomain,
    userId: outcome.userId,
    country: outcome.country,
    mediaType: shown?.mediaType ?? '',
    imps: imps.length,
    wonImps: imps.filter((imp) => imp.winner).length,
    bids: imps.reduce((sum, { bids }) => sum + bids, 0),
    floorMicros: shown?.floorMicros ?? 0,
    seat: winner?.seat ?? '',
    campaignId: winner?.cid ?? '',
    bidMicros: winner?.bidMicros ?? 0,
    priceMicros: winner?.priceMicros ?? 0,
    currency: outcome.currency,
    enriched: outcome.enriched,
    late: outcome.closedBy === 'deadline',
    test: outcome.test,
    tookMs: outcome.tookMs,
  };
}

/** The imp to show of two: the one sold at the higher price, else the earlier one. */
function dearer(best: ImpOutcome | undefined, imp: ImpOutcome): ImpOutcome {
  if (!best) return imp;
  return (imp.winner?.priceMicros ?? -1) > (best.winner?.priceMicros ?? -1) ? imp : best;
}
