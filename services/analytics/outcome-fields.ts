/** What an imp of an auction is shown with: each name of the answer, and the columns it is made of. */
import { microsToCpm } from '#shared/model/money.ts';
import { auctionTime, rounded } from './answers.ts';
import type { StoredOutcome } from './queries.ts';

/** Absent texts are null; prices are decimal CPM, null where nobody pays. */
const FIELDS = {
  auction_id: field(['auction_id'], (row) => row.auction_id),
  request_id: field(['request_id'], (row) => row.request_id),
  time: field(['auction_id'], (row) => auctionTime(row.auction_id)),
  publisher_id: field(['publisher_id'], (row) => row.publisher_id),
  source: field(['source'], (row) => row.source),
  imp_id: field(['imp_id'], (row) => row.imp_id),
  media_type: field(['media_type'], (row) => row.media_type || null),
  tagid: field(['tagid'], (row) => row.tagid || null),
  site_domain: field(['site_domain'], (row) => row.site_domain || null),
  user_id: field(['user_id'], (row) => row.user_id || null),
  country: field(['country'], (row) => row.country || null),
  test: field(['test'], (row) => row.test),
  win_status: field(['win_status'], (row) => row.win_status),
  seat: field(['seat'], (row) => row.seat || null),
  group: field(['bidding_group'], (row) => row.bidding_group || null),
  campaign: field(['campaign_id'], (row) => row.campaign_id || null),
  creative: field(['creative_id'], (row) => row.creative_id || null),
  floor: field(['floor_micros'], (row) => microsToCpm(row.floor_micros)),
  bid_price: field(
    ['win_status', 'bid_micros'],
    (row) => row.win_status === 'won' ? microsToCpm(row.bid_micros ?? 0) : null,
  ),
  price: field(
    ['win_status', 'price_micros'],
    (row) => row.win_status === 'won' ? microsToCpm(row.price_micros ?? 0) : null,
  ),
  currency: field(['currency'], (row) => row.currency),
  bids: field(['bids'], (row) => row.bids),
  eligible: field(['eligible'], (row) => row.eligible),
  enriched: field(['enriched'], (row) => row.enriched),
  closed_by: field(['closed_by'], (row) => row.closed_by),
  answer_ms: field(['answer_ms'], (row) => rounded(row.answer_ms, 3)),
  trace_id: field(['trace_id'], (row) => row.trace_id),
};

export type OutcomeField = keyof typeof FIELDS;
/** In the order of the answer. */
export const OUTCOME_FIELDS = Object.keys(FIELDS) as readonly OutcomeField[];

export type OutcomeAnswer = { [Name in OutcomeField]: ReturnType<typeof FIELDS[Name]['answer']> };

/** One imp of one auction; with `fields`, the row needs no more than {@link columnsBehind} them. */
export function outcomeAnswer(row: StoredOutcome): OutcomeAnswer;
export function outcomeAnswer(
  row: StoredOutcome,
  fields: readonly OutcomeField[] | undefined,
): Partial<OutcomeAnswer>;
export function outcomeAnswer(row: StoredOutcome, fields = OUTCOME_FIELDS): Partial<OutcomeAnswer> {
  const answer: Partial<Record<OutcomeField, unknown>> = {};
  for (const name of fields) answer[name] = FIELDS[name].answer(row);
  return answer as Partial<OutcomeAnswer>;
}

/** The columns such an answer is made of, each once. */
export function columnsBehind(fields: readonly OutcomeField[]): (keyof StoredOutcome)[] {
  return [...new Set(fields.flatMap((name): (keyof StoredOutcome)[] => [...FIELDS[name].columns]))];
}

/** Only what is named as a column can be read by the answer. */
function field<Column extends keyof StoredOutcome, Answer>(
  columns: readonly Column[],
  answer: (row: Pick<StoredOutcome, Column>) => Answer,
): { columns: readonly Column[]; answer(row: Pick<StoredOutcome, Column>): Answer } {
  return { columns, answer };
}
