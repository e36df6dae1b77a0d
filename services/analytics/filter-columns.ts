import type { OutcomeFilters } from './filters.ts';

/** A column that filters or keys can name. */
export type Column =
  | 'request_id'
  | 'user_id'
  | 'site_domain'
  | 'publisher_id'
  | 'price_micros'
  | KeptColumn;
type KeptColumn = 'win_status' | 'enriched' | 'seat' | 'campaign_id';

/** The columns the filters name, but the span. */
export function columnsOf(filters: OutcomeFilters): Column[] {
  const columns: Record<Column, unknown> = {
    request_id: filters.requestId,
    user_id: filters.userId,
    site_domain: filters.siteDomain,
    publisher_id: filters.publisherId,
    price_micros: filters.minPriceMicros ?? filters.maxPriceMicros,
    win_status: filters.winStatus,
    enriched: filters.enriched,
    seat: filters.seat,
    campaign_id: filters.campaign,
  };
  return (Object.keys(columns) as Column[]).filter((name) => columns[name] !== undefined);
}
