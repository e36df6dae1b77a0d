/**
 * The live feed as it goes over `/live`: one WebSocket, JSON texts, several topics. Types only, so
 * that the browser takes nothing from here. Amounts are integer micros of CPM, times epoch ms.
 *
 * A client subscribes to topics. It first gets a snapshot of each and then updates, whose `seq`
 * grows by one within a topic. A client that finds a gap, or comes back, names the `epoch` and
 * `seq` it has: it gets what it missed, or a snapshot where that is no longer kept.
 */

/** What a client sends. */
export type LiveRequest =
  | { op: 'subscribe'; topic: LiveTopic; epoch?: string; after?: number }
  | { op: 'unsubscribe'; topic: LiveTopic };

/** `totals`: each second; `auctions`: a sample, up to ten times a second; `auction:ID`: one auction. */
export type LiveTopic = 'totals' | 'auctions' | `auction:${string}`;

/** What a client gets. */
export type LiveFrame =
  | ({ topic: 'totals' } & Sequenced<LiveTotals, LiveTotalsUpdate>)
  | ({ topic: 'auctions' } & Sequenced<LiveAuctions, LiveAuctions>)
  | ({ topic: `auction:${string}` } & Sequenced<LiveStep[], LiveStep[]>)
  | { topic: 'problem'; message: string };

type Sequenced<Snapshot, Update> =
  & {
    /** Names the life of the feed; numbers of another epoch mean nothing. */
    epoch: string;
    seq: number;
  }
  & ({ kind: 'snapshot'; data: Snapshot } | { kind: 'update'; data: Update });

/** One second of all instances. */
export interface LiveSecond {
  /** Epoch seconds. */
  at: number;
  auctions: number;
  imps: number;
  won: number;
  /** Auctions that closed at their deadline. */
  late: number;
  /** Auctions in which a profile was used. */
  enriched: number;
  /** Sum over won imps, without test auctions: micros of CPM, so a thousandth of it is the money. */
  revenueMicros: number;
  /** Sums over won imps, for averages. */
  priceMicros: number;
  bidMicros: number;
  /** Of answer times; null without auctions. */
  p50Ms: number | null;
  p99Ms: number | null;
}

/** How bids are spread over prices in the last five minutes. */
export interface LivePrices {
  /** Upper bounds of the classes, micros of CPM, ascending; the last class has none. */
  bounds: number[];
  won: number[];
  lost: number[];
}

export interface LiveTop {
  name: string;
  won: number;
  /** Imps offered; for a seat, imps it bid on. */
  offered: number;
  revenueMicros: number;
}

/** The last five minutes. */
export interface LiveTotals {
  now: number;
  currency: string;
  /** Oldest first, without holes, at most 300; the second under way is not in it. */
  seconds: LiveSecond[];
  prices: LivePrices;
  /** Epoch seconds from which on `prices` and `seats` count: for five minutes after a start, its second. */
  bidsSince: number;
  /** Of the auctions of the last minute; null without any. */
  p50Ms: number | null;
  p99Ms: number | null;
  seats: LiveTop[];
  sites: LiveTop[];
}

export interface LiveTotalsUpdate extends Omit<LiveTotals, 'seconds' | 'currency'> {
  second: LiveSecond;
}

/** One auction that has closed; of several imps the dearest one that was sold. */
export interface LiveAuction {
  id: string;
  at: number;
  publisherId: string;
  siteDomain: string;
  userId: string;
  country: string;
  mediaType: string;
  imps: number;
  wonImps: number;
  bids: number;
  floorMicros: number;
  seat: string;
  campaignId: string;
  bidMicros: number;
  priceMicros: number;
  currency: string;
  enriched: boolean;
  late: boolean;
  /** Nothing is billed. */
  test: boolean;
  tookMs: number;
}

export interface LiveAuctions {
  /** Newest first; in a snapshot the last 200. */
  rows: LiveAuction[];
  /** Auctions that closed in this frame's time and are not among the rows. */
  passed: number;
}

/** How far one auction has come. */
export interface LiveStep {
  step: 'closed' | 'explained' | 'stored';
  /** 0 where it is long ago, and only that it happened is known. */
  at: number;
}
