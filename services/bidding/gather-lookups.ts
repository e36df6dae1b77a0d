/** One call for what is asked within some ms. */
import { Pace } from '#shared/model/pace.ts';
import type { Span } from '#shared/trace.ts';
import type { LookupResult, ProfileLookup } from './profile-lookup.ts';

/** What the next call asks for. */
interface Gathering {
  readonly userIds: string[];
  /** The latest of those who ask. */
  deadline: number;
  /** Of who asked first; the others name it. */
  readonly span: Span | undefined;
  readonly result: Promise<LookupResult>;
}

/**
 * Keeps calls at least `paceMs` apart. Under load each asks for more users then, and a call over the
 * wire costs both ends as much as a dozen users in it do. Who comes after a pause does not wait.
 */
export function gatherLookups(lookup: ProfileLookup, paceMs: number): ProfileLookup {
  const pace = new Pace(paceMs);
  let next: Gathering | undefined;
  const begin = (span: Span | undefined): Gathering => {
    const begun: Gathering = {
      userIds: [],
      deadline: 0,
      span,
      result: pace.step().then(() => {
        next = undefined;
        return lookup(begun.userIds, begun.deadline, begun.span);
      }),
    };
    return begun;
  };
  return (userIds, deadline, span) => {
    pace.look();
    const joined = next ??= begin(span);
    for (const userId of userIds) joined.userIds.push(userId);
    if (deadline > joined.deadline) joined.deadline = deadline;
    if (span && joined.span && joined.span !== span) span.link(joined.span.traceparent);
    return joined.result;
  };
}
