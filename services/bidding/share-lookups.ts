/** One look-up for what several groups ask at once: they get the same batches in the same moment. */
import type { Span } from '#shared/trace.ts';
import type { LookupResult, ProfileLookup } from './profile-lookup.ts';
import { type ProfileUse, profileUse } from './profile-use.ts';

/** What a look-up says of each user asked for. */
export type ProfileUses = ReadonlyMap<string, ProfileUse>;
/**
 * @param deadline epoch ms at which the last of the auctions that ask ends
 * @param span of whoever asks; where it joins others, theirs is named in it
 */
export type SharedLookup = (
  userIds: ReadonlySet<string>,
  deadline: number,
  span?: Span,
) => Promise<ProfileUses>;

/**
 * While a user is being looked up, asking again joins the look-up that is under way. Nothing is
 * kept after it has ended, so that an erased profile is gone with the next request.
 */
export function shareLookups(lookup: ProfileLookup): SharedLookup {
  const underWay = new Map<string, Promise<ProfileUses>>();
  const spans = new WeakMap<Promise<ProfileUses>, Span>();
  const begin = (userIds: string[], deadline: number, span: Span | undefined): void => {
    const uses = lookup(userIds, deadline, span).then((result) => {
      for (const userId of userIds) underWay.delete(userId);
      return usesOf(userIds, result);
    });
    if (span) spans.set(uses, span);
    for (const userId of userIds) underWay.set(userId, uses);
  };
  return (userIds, deadline, span) => {
    const unasked = [...userIds].filter((userId) => !underWay.has(userId));
    if (unasked.length > 0) begin(unasked, deadline, span);
    const needed = new Set<Promise<ProfileUses>>();
    for (const userId of userIds) needed.add(underWay.get(userId)!);
    if (span) linkOthers(span, [...needed].map((uses) => spans.get(uses)));
    const [only] = needed;
    if (needed.size === 1) return only!;
    return Promise.all(needed).then((all) => new Map(all.flatMap((uses) => [...uses])));
  };
}

function linkOthers(span: Span, others: readonly (Span | undefined)[]): void {
  for (const other of others) if (other && other !== span) span.link(other.traceparent);
}

function usesOf(userIds: readonly string[], result: LookupResult): ProfileUses {
  if (result.kind === 'failed') {
    const failed: ProfileUse = { profile: undefined, reason: result.reason };
    return new Map(userIds.map((userId) => [userId, failed]));
  }
  return new Map(userIds.map((userId) => [userId, profileUse(result.profiles.get(userId))]));
}
