import type { AdEvent, AuctionOutcome } from '#shared/model/events.ts';

/** A win came after the publisher had to be answered empty: it must never be charged. */
export function undeliveredEvent(outcome: AuctionOutcome, at: number): AdEvent {
  const { auctionId, traceparent, deadline, publisherId } = outcome;
  return {
    v: 1,
    auctionId,
    traceparent,
    issuedAt: at,
    deadline,
    kind: 'undelivered',
    publisherId,
    at,
  };
}
