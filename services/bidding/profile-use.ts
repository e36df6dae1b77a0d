/** Whether a request's user may be looked up and the profile used. */
import type { UnenrichedReason } from '#shared/model/events.ts';
import type { BidRequest } from '#shared/model/openrtb.ts';
import { mayIdentify } from '#shared/model/privacy.ts';
import type { Profile } from '#shared/model/profile.ts';

/** Whom to look up for a request, or why nobody. */
export type ProfileAsk =
  | { readonly userId: string; readonly reason: undefined }
  | { readonly userId: undefined; readonly reason: 'no_user' | 'no_consent' };

const NO_USER: ProfileAsk = { userId: undefined, reason: 'no_user' };
const NO_CONSENT: ProfileAsk = { userId: undefined, reason: 'no_consent' };

export function profileAsk(request: BidRequest): ProfileAsk {
  if (!mayIdentify(request)) return NO_CONSENT;
  const userId = request.user?.id;
  return userId === undefined || userId === '' ? NO_USER : { userId, reason: undefined };
}

/** How a bid message tells of the profile: with it, or why there is none. */
export type ProfileUse =
  | { readonly profile: Profile; readonly reason: undefined }
  | { readonly profile: undefined; readonly reason: UnenrichedReason };

/** @param profile what the look-up found; a user's own refusal makes it unused */
export function profileUse(profile: Profile | undefined): ProfileUse {
  if (profile === undefined) return { profile, reason: 'not_found' };
  if (profile.consent?.personalisation === false) {
    return { profile: undefined, reason: 'no_consent' };
  }
  return { profile, reason: undefined };
}
