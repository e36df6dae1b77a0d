/** Shapes of the exchange's answers that the pages use: docs/api.md. */
import type { PAGE_FIELDS } from './filters.ts';
import type { DetailsAbsence } from '#shared/model/details-kept.ts';
import type { AuctionOutcome } from '#shared/model/events.ts';
import type { Explanation } from '#shared/model/explanation.ts';
import type { LiveAuctions, LiveTotals } from '#shared/model/live.ts';

/** `GET /api/live` */
export interface LiveAnswer {
  epoch: string;
  totals: { seq: number; data: LiveTotals };
  auctions: { seq: number; data: LiveAuctions };
}

/** One imp; prices are decimal CPM. */
export interface OutcomeAnswer {
  auction_id: string;
  request_id: string;
  time: string;
  imp_id: string;
  publisher_id: string;
  media_type: string | null;
  site_domain: string | null;
  user_id: string | null;
  country: string | null;
  /** Of a test auction: never billed. */
  test: boolean;
  win_status: 'won' | 'no_bid';
  seat: string | null;
  campaign: string | null;
  floor: number;
  bid_price: number | null;
  price: number | null;
  currency: string;
  bids: number;
  eligible: number;
  enriched: boolean;
  closed_by: 'all_answered' | 'deadline';
  answer_ms: number;
  trace_id: string;
}

/** What the list asks for. */
export type ListedOutcome = Pick<OutcomeAnswer, (typeof PAGE_FIELDS)[number]>;

/** `GET /api/outcomes/` */
export interface OutcomesAnswer {
  total: number;
  /** The total is at least this many. */
  total_at_least?: boolean;
  results: ListedOutcome[];
  /** Cursor of the page after this one. */
  next: string | null;
}

/** `GET /api/outcomes/stats/` */
export interface StatsAnswer {
  auctions: number;
  impressions_offered: number;
  won: number;
  win_rate: number | null;
  revenue: number;
  currency: string;
  average_price: number | null;
}

export interface DayAnswer extends StatsAnswer {
  /** UTC, `2026-11-22`. */
  day: string;
}

/** `GET /api/outcomes/series` */
export interface SeriesAnswer {
  since: string;
  until: string;
  step: 'minute' | 'hour' | 'day' | 'month';
  results: (Pick<StatsAnswer, 'impressions_offered' | 'won'> & { time: string })[];
}

/** `GET /api/outcomes/facets` */
export interface FacetsAnswer {
  seats: { value: string; count: number }[];
  campaigns: { value: string; count: number }[];
  sites: { value: string; count: number }[];
}

/** `GET /api/auctions/:id`, or only the first two while it is open. */
export interface AuctionAnswer {
  auction_id: string;
  status: 'closed' | 'pending';
  time: string;
  imps: OutcomeAnswer[];
  outcome: Omit<AuctionOutcome, 'v' | 'traceparent' | 'issuedAt' | 'deadline'> | null;
  details:
    | (
      & Pick<
        Explanation,
        'request' | 'groups' | 'fates' | 'rules' | 'missing' | 'profile' | 'times'
      >
      & { salt: Explanation['salt'] & { salt: string | null } }
    )
    | null;
  /** Why there are none; null with them. */
  details_absent: DetailsAbsence | null;
  events: { kind: string; time: string }[];
}

/** `GET /api/sample-traffic` */
export interface SampleTraffic {
  running: boolean;
  sent: number;
  ratePerS: number;
  /** Epoch ms; null while it does not run. */
  endsAt: number | null;
}
