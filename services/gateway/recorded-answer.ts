import type { AuctionOutcome } from '#shared/model/events.ts';
import type { Route } from '#shared/service.ts';
import type { KeptAnswer } from './kept-answers.ts';

/** The parts of analytics' answer that tell what a publisher got. */
interface Known {
  /** Null where somebody won, and what the ad looks like was not recorded. */
  outcome: AuctionOutcome | null;
  events?: { kind: string }[];
}

/**
 * What a publisher was answered, as far as analytics knows: for when the gateway that held the
 * auction is gone. Undefined where it does not know, or not yet.
 * @throws whatever the route throws, and an AbortError after `timeoutMs`.
 */
export async function recordedAnswer(
  analytics: Route | undefined,
  auctionId: string,
  timeoutMs: number,
): Promise<KeptAnswer | undefined> {
  const url = `http://gateway/api/auctions/${auctionId}`;
  // Analytics may be another process that hangs: who waits for an answer has no time for that.
  const signal = AbortSignal.timeout(timeoutMs);
  const answer = await analytics?.(new Request(url, { signal }));
  if (answer?.status !== 200) return undefined;
  const { outcome, events = [] } = await answer.json() as Known;
  // The outcome came, but after the publisher had been answered empty.
  if (events.some(({ kind }) => kind === 'undelivered')) return { outcome: undefined };
  return outcome ? { outcome } : undefined;
}
