/** The spans of one auction, from its opening over its clearing to its place in the ledger. */
import type { AuctionOutcome, BidRequestMessage } from '#shared/model/events.ts';
import { isSampled, type Span, type Tracer } from '#shared/trace.ts';
import type { ClosedAuction } from './open-auctions.ts';

/** Undefined: its trace is not kept. One that is dropped, as a repetition is, is never exported. */
export function auctionSpan(
  tracer: Tracer,
  { auctionId, traceparent, groups }: BidRequestMessage,
  partition: number,
  offset: number,
): Span | undefined {
  if (!isSampled(traceparent)) return undefined;
  const message = {
    topic: 'bid_requests',
    auctionId,
    partition,
    offset,
    group: 'auction',
  } as const;
  const attributes = { 'helios.groups.expected': groups.length };
  return tracer.receive('auction', traceparent, message, { attributes });
}

/**
 * Ends the auction's span, and begins that of the outcome's way: until the bus has it.
 * @param clearedFrom as of {@link Tracer.now}
 */
export function traceClosed(
  span: Span,
  { answers, closedBy, partition }: ClosedAuction,
  outcome: AuctionOutcome,
  clearedFrom: number | undefined,
): Span {
  const cleared = span.child('clear', {
    ...(clearedFrom !== undefined && { start: clearedFrom }),
    attributes: {
      'helios.imps': outcome.imps.length,
      'helios.bids': outcome.imps.reduce((sum, { bids }) => sum + bids, 0),
    },
  });
  cleared.end();
  for (const { traceparent } of answers) if (isSampled(traceparent)) span.link(traceparent);
  span.set({
    'helios.closed_by': closedBy,
    'helios.groups.answered': answers.length,
    'helios.won': outcome.imps.filter(({ winner }) => winner).length,
  });
  const send = span.send('auction_outcomes', { auctionId: outcome.auctionId, partition });
  outcome.traceparent = send.traceparent;
  span.end();
  return send;
}

/** @param stored whether the bus took the outcomes; MUST NOT reject. */
export function endSends(sends: readonly Span[], stored: Promise<boolean>): void {
  void stored.then((isStored) => {
    for (const send of sends) {
      if (!isStored) send.fail('not_stored');
      send.end();
    }
  });
}
