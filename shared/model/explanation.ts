/** What explains an outcome, as it is put together when an auction closes, and shown later. */
import type { AuctionTimes } from './auction-times.ts';
import type { AuctionRules, BidFate, SeatAnswer, UnenrichedReason } from './events.ts';
import type { BidRequest } from './openrtb.ts';
import type { Profile } from './profile.ts';

export interface Explanation {
  request: BidRequest;
  groups: readonly GroupAnswer[];
  /** Expected groups that did not answer in time. */
  missing: string[];
  profile?: Profile | undefined;
  fates: readonly BidFate[];
  rules: AuctionRules;
  /** The day's salt is named by its day and hash; the salt itself is public after the day. */
  salt: { day: string; commitment: string };
  /** Absent in older records. */
  times?: AuctionTimes;
}

/** What one bidding group had to say of an auction, and when. */
export interface GroupAnswer {
  group: string;
  enriched: boolean;
  unenrichedReason?: UnenrichedReason | undefined;
  tookMs: number;
  /** ms from the reading of the request to its arrival at the group. Absent in older records. */
  startMs?: number | undefined;
  lookupMs?: number | undefined;
  seats: readonly SeatAnswer[];
}
