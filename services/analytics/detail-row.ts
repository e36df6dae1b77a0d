import type { AuctionDetails } from '#shared/model/events.ts';
import type { Profile } from '#shared/model/profile.ts';
import type { DetailsRow } from '#shared/warehouse/tables.ts';
import { auctionTimeText } from './auction-time.ts';
import { jsonText } from './json-text.ts';

/**
 * The row of one auction's details as JSON text, beginning with `{"auction_id":`. The nested parts
 * stay objects: the warehouse stores their text as it stands, so nothing is serialised twice.
 * @throws {TypeError} when the auction id is none.
 */
export function detailRow(details: AuctionDetails): string {
  const { profile } = details;
  const row = jsonText(
    {
      auction_id: details.auctionId,
      time: auctionTimeText(details.auctionId),
      publisher_id: details.publisherId,
      user_id: details.userId,
      request: details.request,
      groups: details.groups,
      fates: details.fates,
      rules: details.rules,
      salt: details.salt,
      missing: details.missing,
      traceparent: details.traceparent,
    } satisfies DetailsRow,
  );
  if (profile === undefined) return row;
  return `${row.slice(0, -1)},"profile":${profileText(profile)}}`;
}

/** A profile is a third of the work of its row, and the same object for many auctions of a user. */
const profileTexts = new WeakMap<Profile, string>();

function profileText(profile: Profile): string {
  let text = profileTexts.get(profile);
  if (text === undefined) profileTexts.set(profile, text = jsonText(profile));
  return text;
}
