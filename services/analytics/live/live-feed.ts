/**
 * Folds the pulses of all instances into what viewers see: the last 300 seconds without holes,
 * what is worth knowing of these five minutes, and the last auctions. Pure: time is an argument.
 */
import type {
  LiveAuction,
  LiveAuctions,
  LiveSecond,
  LiveTop,
  LiveTotals,
  LiveTotalsUpdate,
} from '#shared/model/live.ts';
import type { LivePulse, LiveSums } from '#shared/model/live-pulse.ts';
import { CURRENCY } from '#shared/model/money.ts';
import {
  addPairs,
  answerTimes,
  PRICE_BOUNDS_MICROS,
  PRICE_CLASSES,
  TIME_CLASSES,
  timeClass,
} from './classes.ts';
import { noSums } from './pulse.ts';
import { RecentFrames } from './recent-frames.ts';
import { addTop, TopNames } from './top-names.ts';

/** Length of the window: five minutes. */
export const SECONDS = 300;
/** Seconds whose answer times are told of together. */
export const TIMES_S = 60;
/** Auctions of a snapshot. */
export const AUCTIONS = 200;
/** Seats and sites shown. */
const TOPS = 8;
/** ms a second stays open after its end, for pulses on their way: two ticks. */
export const GRACE_MS = 200;
/** Seconds the clock may go back before everything begins anew. */
const BACK_MAX_S = 10;

/** What was there before the feed: see {@link LiveFeed.seed}. */
export interface LivePast {
  /** In any order; seconds without auctions may be missing. */
  seconds: readonly LiveSecond[];
  sites: readonly { at: number; top: LiveTop }[];
  /** How many auctions of a second took so long. */
  times: readonly { at: number; ms: number; auctions: number }[];
  /** Newest first. */
  rows: readonly LiveAuction[];
}

/** One second: summed up while it is open, and kept to be taken away when it leaves the window. */
interface Bucket {
  at: number;
  sums: LiveSums;
  explained: number;
  took: Uint32Array;
  won: Uint32Array;
  lost: Uint32Array;
  seats: Map<string, LiveTop>;
  sites: Map<string, LiveTop>;
}
/** `auctions` those counted here, whose bids are known; none of the past before the feed. */
type Told = Omit<Bucket, 'sums'> & { second: LiveSecond; auctions: number };

export class LiveFeed {
  /** Oldest first, the last one before the first of `#open`. */
  #told: Told[] = [];
  /** Seconds not told of yet, oldest first, without holes. */
  readonly #open: Bucket[];
  /** The first second that is counted here: of those before it bids are not known. */
  readonly #first: number;
  readonly #seats = new TopNames();
  readonly #sites = new TopNames();
  readonly #won = new Uint32Array(PRICE_CLASSES);
  readonly #lost = new Uint32Array(PRICE_CLASSES);
  #auctions = 0;
  #explained = 0;
  /** Rows of the latest frames. */
  readonly #shown = new RecentFrames(AUCTIONS);
  /** Newest first. */
  #past: readonly LiveAuction[] = [];
  /** Of the next frame. */
  #fresh: LiveAuction[] = [];
  #passed = 0;

  constructor(nowMs: number) {
    this.#first = Math.floor(nowMs / 1000);
    this.#open = [bucket(this.#first)];
  }

  /** A pulse that comes late counts for the oldest second still open, so that nothing is lost. */
  fold(pulse: LivePulse): void {
    const into = this.#bucketAt(pulse.second);
    const { sums } = into;
    for (const name of SUMS) sums[name] += pulse.sums[name];
    into.explained += pulse.explained;
    addPairs(into.took, pulse.tookMs);
    addPairs(into.won, pulse.won);
    addPairs(into.lost, pulse.lost);
    for (const seat of pulse.seats) addTop(into.seats, seat);
    for (const site of pulse.sites) addTop(into.sites, site);
    this.#fresh.unshift(...pulse.rows);
    this.#passed += pulse.sums.auctions - pulse.rows.length;
  }

  /**
   * Closes every second that is over and gives their updates, oldest first; undefined when the
   * clock has leapt (a machine that slept): then this feed is of no use any more.
   */
  advance(nowMs: number): LiveTotalsUpdate[] | undefined {
    const until = Math.floor((nowMs - GRACE_MS) / 1000);
    const oldest = this.#open[0]!.at;
    if (until - oldest > SECONDS || oldest - until > BACK_MAX_S) return undefined;
    const updates: LiveTotalsUpdate[] = [];
    while (this.#open[0]!.at < until) {
      const second = this.#close();
      updates.push({ now: nowMs, second, ...this.#window() });
    }
    return updates;
  }

  /** What has come since the last call, or undefined when that is nothing. */
  takeAuctions(): LiveAuctions | undefined {
    if (this.#fresh.length === 0 && this.#passed === 0) return undefined;
    const rows = this.#fresh.slice(0, AUCTIONS);
    const passed = this.#passed + this.#fresh.length - rows.length;
    this.#fresh = [];
    this.#passed = 0;
    if (rows.length > 0) this.#shown.push(JSON.stringify(rows));
    return { rows, passed };
  }

  /** As of the last update. */
  totals(nowMs: number): LiveTotals {
    const seconds = this.#told.map(({ second }) => second);
    return { now: nowMs, currency: CURRENCY, seconds, ...this.#window() };
  }

  /** As of the last {@link takeAuctions}. */
  auctions(): LiveAuctions {
    const rows: LiveAuction[] = [];
    for (let n = 0; n < this.#shown.length && rows.length < AUCTIONS; n++) {
      rows.push(...JSON.parse(this.#shown.before(n)) as LiveAuction[]);
    }
    return { rows: [...rows, ...this.#past].slice(0, AUCTIONS), passed: 0 };
  }

  /** Puts the past before the first second of the feed, in the place of what was known of it. */
  seed({ seconds, sites, times, rows }: LivePast): void {
    while (this.#told[0] && this.#told[0].at < this.#first) {
      this.#sites.remove(this.#told.shift()!.sites.values());
    }
    const first = this.#told[0]?.at ?? this.#open[0]!.at;
    const known = new Map(seconds.map((second) => [second.at, second]));
    const past: Told[] = [];
    for (let at = first - (SECONDS - this.#told.length); at < first; at++) {
      past.push(toldOf(bucket(at), known.get(at)));
    }
    const toldAt = (at: number): Told | undefined => past[at - (past[0]?.at ?? 0)];
    for (const { at, top } of sites) {
      const told = toldAt(at);
      if (told) addTop(told.sites, top);
    }
    for (const { at, ms, auctions } of times) {
      const told = toldAt(at);
      if (told) told.took[timeClass(ms)]! += auctions;
    }
    for (const told of past) this.#sites.add(told.sites.values());
    this.#told = [...past, ...this.#told];
    this.#past = rows.slice(0, AUCTIONS);
  }

  /** Opens the seconds up to the pulse's, few enough where another clock is far ahead. */
  #bucketAt(second: number): Bucket {
    const first = this.#open[0]!.at;
    const wanted = Math.min(Math.max(second, first), first + AHEAD_MAX_S);
    for (let at = this.#open.at(-1)!.at + 1; at <= wanted; at++) this.#open.push(bucket(at));
    return this.#open[wanted - first]!;
  }

  #close(): LiveSecond {
    const closed = this.#open.shift()!;
    if (this.#open.length === 0) this.#open.push(bucket(closed.at + 1));
    const told = toldOf(closed);
    this.#told.push(told);
    this.#count(told, 1);
    this.#seats.add(told.seats.values());
    this.#sites.add(told.sites.values());
    if (this.#told.length > SECONDS) {
      const gone = this.#told.shift()!;
      this.#count(gone, -1);
      this.#seats.remove(gone.seats.values());
      this.#sites.remove(gone.sites.values());
    }
    return told.second;
  }

  #count({ won, lost, explained, auctions }: Told, sign: 1 | -1): void {
    for (let at = 0; at < PRICE_CLASSES; at++) {
      this.#won[at]! += sign * won[at]!;
      this.#lost[at]! += sign * lost[at]!;
    }
    this.#explained += sign * explained;
    this.#auctions += sign * auctions;
  }

  #window(): Omit<LiveTotalsUpdate, 'now' | 'second'> {
    // Where only a share of the details is kept, bids are known of that share.
    const share = Math.max(1, this.#explained > 0 ? this.#auctions / this.#explained : 1);
    const seats = this.#seats.top(TOPS);
    for (const seat of seats) seat.offered = Math.max(seat.won, Math.round(seat.offered * share));
    const bounds = [...PRICE_BOUNDS_MICROS];
    const prices = { bounds, won: [...this.#won], lost: [...this.#lost] };
    const bidsSince = Math.max(this.#first, this.#told[0]?.at ?? 0);
    const took = new Uint32Array(TIME_CLASSES);
    for (const told of this.#told.slice(-TIMES_S)) {
      for (let at = 0; at < TIME_CLASSES; at++) took[at]! += told.took[at]!;
    }
    return { prices, bidsSince, ...answerTimes(took), seats, sites: this.#sites.top(TOPS) };
  }
}

const SUMS = Object.keys(noSums()) as (keyof LiveSums)[];
/** Seconds another instance's clock may be ahead. */
const AHEAD_MAX_S = 5;

function bucket(at: number): Bucket {
  return {
    at,
    sums: noSums(),
    explained: 0,
    took: new Uint32Array(TIME_CLASSES),
    won: new Uint32Array(PRICE_CLASSES),
    lost: new Uint32Array(PRICE_CLASSES),
    seats: new Map(),
    sites: new Map(),
  };
}

/** What is kept of a second that is over. */
function toldOf(over: Bucket, second = secondOf(over)): Told {
  const { sums, ...kept } = over;
  return { ...kept, second, auctions: sums.auctions };
}

function secondOf({ at, sums, took }: Bucket): LiveSecond {
  return { at, ...sums, ...answerTimes(took) };
}
