import type { AdEvent, AuctionOutcome } from '#shared/model/events.ts';

/** Nobody was shown what this outcome sold. */
export function undeliveredEvent(
  { auctionId, traceparent, deadline, publisherId }: AuctionOutcome,
  at: number,
): AdEvent {
  const base = { v: 1, auctionId, traceparent, issuedAt: at, deadline } as const;
  return { ...base, kind: 'undelivered', publisherId, at };
}
