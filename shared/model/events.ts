/**
 * The messages of the pipeline, one type per topic. Every message carries its version `v`, the
 * W3C `traceparent` of its auction, when it was issued and the deadline after which it is void
 * (epoch ms). Amounts are integer micros of CPM.
 */
import type { ConfigChange } from './catalog.ts';
import type { LivePulse } from './live-pulse.ts';
import type { BidRequest, MediaType } from './openrtb.ts';
import type { Profile } from './profile.ts';

/** What every message of an auction carries. */
export interface Envelope {
  v: 1;
  auctionId: string;
  traceparent: string;
  /** Epoch ms at which the writing stage made the message. */
  issuedAt: number;
  /** Epoch ms by which the publisher must have the answer. */
  deadline: number;
}

/** gateway → bidding, auction. */
export interface BidRequestMessage extends Envelope {
  publisherId: string;
  /** Which of the public forms the request came in. */
  source: 'openrtb' | 'simple';
  /** The request as understood: validated, defaults applied. */
  request: BidRequest;
  /** Bidding groups expected to answer; when all have, the auction closes early. */
  groups: readonly string[];
  /** Epoch ms at which the gateway had read the request. */
  receivedAt: number;
  /** The same with fractions, and the ms from then to this message: for how long steps take. */
  arrival?: { at: number; preparedMs: number };
}

/** An offer for one imp. Names are OpenRTB's (spec 4.2.3) where it has one; the price is micros. */
export interface BidOffer {
  id: string;
  impid: string;
  priceMicros: number;
  currency: string;
  mtype: number;
  adm: string;
  adomain: string[];
  crid: string;
  cid: string;
  cat: string[];
  attr: number[];
  w: number;
  h: number;
  dur?: number;
  dealid?: string;
}

/** Why a seat does not bid on an imp. */
const NO_BID_REASONS = [
  'below_floor',
  'no_campaign',
  'no_creative',
  'not_targeted',
  'seat_not_allowed',
  'currency',
  'error',
] as const;
export type NoBidReason = (typeof NO_BID_REASONS)[number];

export interface SeatAnswer {
  seat: string;
  bids: BidOffer[];
  noBids: { impid: string; reason: NoBidReason }[];
}

/** bidding → auction: everything one group has to say of one auction. */
export interface BidResponseMessage extends Envelope {
  group: string;
  /** Whether a profile was found and used. */
  enriched: boolean;
  /** The profile used, for the explanation; absent when not enriched. */
  profile?: Profile;
  /** Why there is no profile: `off`, `no_user`, `not_found`, `timeout`, `unavailable`, `no_consent`. */
  unenrichedReason?: UnenrichedReason;
  /** ms from the message's arrival at the group to its answer. */
  tookMs: number;
  /** Epoch ms with fractions at which it arrived. */
  arrivedAt?: number;
  /** Of `tookMs`, ms that it waited for the profile; absent where it asked for nobody. */
  lookupMs?: number;
  seats: SeatAnswer[];
}
export type UnenrichedReason =
  | 'no_user'
  | 'not_found'
  | 'timeout'
  | 'unavailable'
  | 'no_consent';

export interface Winner {
  seat: string;
  group: string;
  bidId: string;
  cid: string;
  crid: string;
  adomain: string[];
  mtype: number;
  /** What the seat offered. */
  bidMicros: number;
  /** What it pays. */
  priceMicros: number;
  dealid?: string;
  w: number;
  h: number;
  /** Seconds of a video or audio, where the bid says how long it is. */
  dur?: number;
  adm: string;
}

export interface ImpOutcome {
  impid: string;
  mediaType: MediaType | '';
  tagid: string;
  floorMicros: number;
  /** All bids on the imp, and of them those that were eligible. */
  bids: number;
  eligible: number;
  winner?: Winner;
}

/**
 * auction → gateway, analytics: the core of what happened, one per auction, outliving the process before the
 * publisher is answered. It is the ledger: enough to give the same answer again.
 */
export interface AuctionOutcome extends Envelope {
  publisherId: string;
  requestId: string;
  source: 'openrtb' | 'simple';
  /** Site domain, or the app's bundle. */
  siteDomain: string;
  userId: string;
  country: string;
  deviceType: number;
  test: boolean;
  at: 1 | 2;
  currency: string;
  enriched: boolean;
  closedBy: 'all_answered' | 'deadline';
  groupsExpected: number;
  groupsAnswered: number;
  receivedAt: number;
  /** ms from the gateway's reading of the request to the close of the auction. */
  tookMs: number;
  imps: ImpOutcome[];
}

/** What a bid offers to show. */
type Shown = {
  [K in 'mtype' | 'adomain' | 'cat' | 'attr' | 'w' | 'h' | 'dur' | 'dealid']?:
    | BidOffer[K]
    | undefined;
};

/**
 * The fate of one bid, with the rule in words. Of a bid that won or lost it is all that is kept, so
 * it has what the bid showed too; an invalid one, which may be anything, is kept as it came.
 */
export interface BidFate extends Shown {
  impid: string;
  seat: string;
  group: string;
  bidId: string;
  cid: string;
  crid: string;
  priceMicros: number;
  status: 'won' | 'lost' | 'invalid';
  /** OpenRTB 3.0 loss reason code; 0 for the winner. */
  loss: number;
  /** One sentence for people. */
  rule: string;
  /** Hash drawn where equal bids met, hex; the lowest wins. */
  draw?: string | undefined;
  /** Of the winner. */
  adm?: string | undefined;
}

/**
 * auction → analytics: what explains an outcome. Sampled, not waited for, kept 7 days. Nobody on the
 * way needs more of it than `offers`: the rest is the row of its table already.
 */
export interface AuctionDetails extends Envelope {
  /** All bids, those on one imp together. */
  offers: readonly Offer[];
  /** See `detailRow` in detail-row.ts: its values with tabs between, in pieces. */
  row: readonly string[];
}
export type Offer = Pick<BidFate, 'impid' | 'seat' | 'priceMicros' | 'status'>;

/** What the exchange decides by, beside the request; part of the details so that a replay is exact. */
export interface AuctionRules {
  /** Step above the second price. */
  incrementMicros: number;
  /** Applies where the request names no floor. */
  defaultFloorMicros: number;
}

/** What happens to an ad after the auction. `undelivered`: the win came after the publisher had to be answered 204. */
export interface AdEvent extends Envelope {
  kind: 'undelivered';
  publisherId: string;
  at: number;
}

export interface TopicMessages {
  bid_requests: BidRequestMessage;
  bid_responses: BidResponseMessage;
  auction_outcomes: AuctionOutcome;
  auction_details: AuctionDetails;
  ad_events: AdEvent;
  config_changes: ConfigChange;
  live: LivePulse;
}
export type TopicName = keyof TopicMessages;

export interface TopicTraits<T extends TopicName> {
  /** Survives the process: journalled when embedded. */
  durable: boolean;
  /** Has one partition, whatever the auction topics have. */
  single: boolean;
  /** What a person finds a record by; partitions are explicit and do not follow from it. */
  key: (message: TopicMessages[T]) => string;
}

const auctionKey = (message: Envelope): string => message.auctionId;

export const TOPICS: { readonly [T in TopicName]: TopicTraits<T> } = {
  bid_requests: { durable: false, single: false, key: auctionKey },
  bid_responses: { durable: false, single: false, key: auctionKey },
  auction_outcomes: { durable: true, single: false, key: auctionKey },
  auction_details: { durable: false, single: false, key: auctionKey },
  ad_events: { durable: true, single: false, key: auctionKey },
  config_changes: {
    durable: true,
    single: true,
    // Of a key the last one is kept for ever; of a day's salts the first one counts, so each has its own.
    key: ({ kind, id, value }) => kind === 'salt' ? `salt/${id}/${value?.salt}` : `${kind}/${id}`,
  },
  live: { durable: false, single: true, key: (pulse) => pulse.instance },
};
