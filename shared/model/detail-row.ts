/** The row of one auction's details, as the stage that closed it writes and analytics stores it. */
import { auctionTimeText } from './auction-time.ts';
import type { AuctionRules, Envelope } from './events.ts';
import type { Explanation } from './explanation.ts';
import { jsonText } from './json-text.ts';
import { keptGroups } from './kept-bids.ts';
import type { BidRequest } from './openrtb.ts';
import { textOf } from './request-text.ts';

/** Columns of the table; the nested parts are stored as JSON text. */
export interface DetailsRow {
  auction_id: string;
  time: string;
  publisher_id: string;
  user_id: string;
  request: unknown;
  groups: unknown;
  fates: unknown;
  profile?: unknown;
  rules: unknown;
  salt: unknown;
  missing: string[];
  times?: unknown;
  traceparent: string;
}

/** Whose details they are. */
export interface DetailsOf extends Pick<Envelope, 'auctionId' | 'traceparent'> {
  publisherId: string;
  userId: string;
}

/**
 * A JSON text in one line that begins with `{"auction_id":`, in pieces: joined, it would be copied
 * once more. The nested parts stay objects: the warehouse stores their text as it stands, so nothing
 * is serialised twice, and what has a text already is not serialised at all.
 * @throws {TypeError} when the auction id is none.
 */
export function detailRow(of: DetailsOf, explanation: Explanation): string[] {
  const { request, fates, profile, rules, salt } = explanation;
  const row = jsonText(
    {
      auction_id: of.auctionId,
      time: auctionTimeText(of.auctionId),
      publisher_id: of.publisherId,
      user_id: of.userId,
      groups: keptGroups(explanation),
      fates,
      missing: explanation.missing,
      times: explanation.times,
      traceparent: of.traceparent,
    } satisfies Omit<DetailsRow, 'request' | 'profile' | 'rules' | 'salt'>,
  );
  const pieces = [row.slice(0, -1), ',"request":', requestText(request)];
  if (profile !== undefined) pieces.push(',"profile":', knownText(profile));
  pieces.push(rulesText(rules, salt));
  return pieces;
}

/** Line feeds would part the row; an escape may be half a character, see {@link jsonText}. */
function requestText(request: BidRequest): string {
  const text = textOf(request);
  return text === undefined || text.includes('\n') || text.includes('\\u')
    ? jsonText(request)
    : text;
}

/** The end of the row: the same for all auctions of a day. */
function rulesText(rules: AuctionRules, salt: Explanation['salt']): string {
  if (rules !== last.rules || salt !== last.salt) {
    last = { rules, salt, text: `,"rules":${jsonText(rules)},"salt":${jsonText(salt)}}` };
  }
  return last.text;
}
let last: Partial<Pick<Explanation, 'rules' | 'salt'>> & { text: string } = { text: '' };

/** The same objects for many auctions: the profiles of users that come again. */
const texts = new WeakMap<object, string>();

function knownText(value: object): string {
  let text = texts.get(value);
  if (text === undefined) texts.set(value, text = jsonText(value));
  return text;
}
