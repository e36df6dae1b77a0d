/**
 * What one analytics instance tells all of them of the auctions it has read, ten times a second:
 * so that any of them can show what happens everywhere. Types only. Amounts as in `live.ts`.
 */
import type { LiveAuction, LiveSecond, LiveTop } from './live.ts';

/** Sums of one second, and what cannot be summed as counts by class. */
export interface LivePulse {
  v: 1;
  /** Who counted. */
  instance: string;
  /** Epoch seconds in which all of it was read. */
  second: number;
  sums: LiveSums;
  /** Auctions whose details came; all of them unless details are sampled. */
  explained: number;
  /** Auctions by class of answer time: see `services/analytics/live/classes.ts`. */
  tookMs: ClassCounts;
  /** Bids by class of price, those that won and those that lost. */
  won: ClassCounts;
  lost: ClassCounts;
  seats: LiveTop[];
  sites: LiveTop[];
  /** A sample, newest first. */
  rows: LiveAuction[];
}

export type LiveSums = Omit<LiveSecond, 'at' | 'p50Ms' | 'p99Ms'>;

/** Pairs of class and count; classes without a count are left out. */
export type ClassCounts = [at: number, count: number][];
