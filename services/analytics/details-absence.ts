/** Why nothing explains an auction. */
import { isSampled } from '#shared/model/auction-id.ts';
import { DETAILS_KEPT_DAYS, type DetailsAbsence } from '#shared/model/details-kept.ts';

const KEPT_MS = DETAILS_KEPT_DAYS * 86_400_000;
/**
 * Details are stored within seconds of the close; over Kafka, and while processes of a cluster start
 * anew, it may take half a minute.
 */
const ON_THEIR_WAY_MS = 60_000;

export interface Absence {
  auctionId: string;
  /** Epoch ms of the auction. */
  timeMs: number;
  now: number;
  /** Whether the warehouse could not be asked. */
  away: boolean;
  /** Share of auctions whose details are kept: today's, as nobody wrote down that of the time. */
  sample: number;
}

export function whyNoDetails(of: Absence): DetailsAbsence {
  const ageMs = of.now - of.timeMs;
  if (ageMs > KEPT_MS) return 'expired';
  if (!isSampled(of.auctionId, of.sample)) return 'not_sampled';
  if (of.away) return 'unavailable';
  return ageMs < ON_THEIR_WAY_MS ? 'awaited' : 'lost';
}
