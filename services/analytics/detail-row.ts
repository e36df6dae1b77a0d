import type { AuctionDetails } from '#shared/model/events.ts';
import type { BidRequest } from '#shared/model/openrtb.ts';
import { textOf } from '#shared/model/request-text.ts';
import type { DetailsRow } from '#shared/warehouse/tables.ts';
import { auctionTimeText } from './auction-time.ts';
import { jsonText } from './json-text.ts';
import { keptGroups } from './kept-bids.ts';

/**
 * The row of one auction's details, beginning with `{"auction_id":`, as pieces of a JSON text in one
 * line. The nested parts stay objects: the warehouse stores their text as it stands, so nothing is
 * serialised twice, and what has a text already is not serialised at all.
 * @throws {TypeError} when the auction id is none.
 */
export function detailRow(details: AuctionDetails): string[] {
  const { request, profile, rules, salt } = details;
  const row = jsonText(
    {
      auction_id: details.auctionId,
      time: auctionTimeText(details.auctionId),
      publisher_id: details.publisherId,
      user_id: details.userId,
      groups: keptGroups(details),
      fates: details.fates,
      missing: details.missing,
      times: details.times,
      traceparent: details.traceparent,
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
function rulesText(rules: AuctionDetails['rules'], salt: AuctionDetails['salt']): string {
  if (rules !== last.rules || salt !== last.salt) {
    last = { rules, salt, text: `,"rules":${jsonText(rules)},"salt":${jsonText(salt)}}` };
  }
  return last.text;
}
let last: Partial<Pick<AuctionDetails, 'rules' | 'salt'>> & { text: string } = { text: '' };

/** The same objects for many auctions: the profiles of users that come again. */
const texts = new WeakMap<object, string>();

function knownText(value: object): string {
  let text = texts.get(value);
  if (text === undefined) texts.set(value, text = jsonText(value));
  return text;
}
