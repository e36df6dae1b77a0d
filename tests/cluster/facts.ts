/** What a run left behind, as the judge wants it: what publishers were told, and what was kept. */
import type { AdEvent, AuctionOutcome } from '#shared/model/events.ts';

/** One POST, as the publisher saw it. */
export interface NotedAnswer {
  /** Name of the gateway it went to. */
  door: string;
  /** Epoch ms. */
  sentAt: number;
  tookMs: number;
  tmaxMs: number;
  /** The id of the request, as sent. */
  requestId: string;
  /** Its `Idempotency-Key`. */
  key?: string;
  /** 0: there was no answer. */
  status: number;
  auctionId?: string;
  /** The `helios-no-bid` header of an empty answer. */
  noBid?: string;
  /** Of a 200. */
  body?: AnsweredBody;
  /** What was done to the exchange meanwhile; its time is not judged then. */
  fault?: string;
}

export interface AnsweredBody {
  requestId: string;
  auctionId: string;
  wins: AnsweredWin[];
}

export interface AnsweredWin {
  impid: string;
  seat: string;
  campaign: string;
  priceMicros: number;
}

/** A time in which a gateway was not there, in epoch ms. */
export interface Outage {
  door: string;
  from: number;
  /** Infinity while it is away. */
  to: number;
}

/** A record of a topic. */
export interface Kept<Value> {
  partition: number;
  offset: number;
  value: Value;
}

/** A row of `helios.outcomes`. */
export interface StoredRow {
  auctionId: string;
  impid: string;
  campaign: string;
  won: boolean;
  priceMicros: number;
  partition: number;
  offset: number;
}

export interface Lag {
  group: string;
  topic: string;
  lag: number;
}

export interface Facts {
  answers: readonly NotedAnswer[];
  outages: readonly Outage[];
  /** A gateway that is killed takes the requests with it that it has promised an outcome of. */
  requestsAreLocal: boolean;
  /** Those of a partition in their order. */
  outcomes: readonly Kept<AuctionOutcome>[];
  events: readonly Kept<AdEvent>[];
  /** As they are stored. */
  rows: readonly StoredRow[];
  /** The same with FINAL. */
  finalRows: readonly StoredRow[];
  /** Auction ids of the undelivered wins in `helios.ad_events`. */
  storedUndelivered: readonly string[];
  /** Of every group that keeps positions, once nothing more came. */
  lags: readonly Lag[];
  /** Of each process that runs at the end. */
  memory: readonly { process: string; rssMb: number }[];
}

/** The ledger: of an auction's records the first one counts. */
export function firstOutcomes(
  outcomes: readonly Kept<AuctionOutcome>[],
): Map<string, Kept<AuctionOutcome>> {
  const first = new Map<string, Kept<AuctionOutcome>>();
  for (const record of outcomes) {
    const known = first.get(record.value.auctionId);
    if (!known || record.offset < known.offset) first.set(record.value.auctionId, record);
  }
  return first;
}
