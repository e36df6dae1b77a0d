/**
 * The spans of a bidding group's work on a batch: of each auction whose trace is kept one for the
 * making of its bids, and below it the wait for the profile and the way of the answer.
 */
import type { BidRequestMessage, BidResponseMessage } from '#shared/model/events.ts';
import { isSampled, type Span, type Tracer } from '#shared/trace.ts';
import { profileAsk } from './profile-use.ts';
import type { ProfileUses } from './share-lookups.ts';

export interface TracedRecord {
  readonly partition: number;
  readonly offset?: number;
  readonly value: BidRequestMessage;
}

/** Undefined: no trace of the batch is kept, as of most batches. */
export function traceBatch(
  tracer: Tracer,
  group: string,
  batch: readonly TracedRecord[],
): BatchTrace | undefined {
  const kept = batch.filter(({ value }) =>
    isSampled(value.traceparent) && value.groups.includes(group)
  );
  return kept.length === 0 ? undefined : new BatchTrace(tracer, group, kept);
}

interface Traced {
  readonly bids: Span;
  lookup: Span | undefined;
}

export class BatchTrace {
  readonly #traced = new Map<string, Traced>();
  #sends: Span[] = [];

  constructor(tracer: Tracer, group: string, kept: readonly TracedRecord[]) {
    const start = tracer.now();
    for (const { partition, offset, value } of kept) {
      const message = {
        topic: 'bid_requests',
        auctionId: value.auctionId,
        partition,
        group: `bidding-${group}`,
        ...(offset !== undefined && { offset }),
      } as const;
      const attributes = { 'helios.bidding.group': group };
      const facts = { start, attributes };
      const bids = tracer.receive('process bid_requests', value.traceparent, message, facts);
      this.#traced.set(value.auctionId, { bids, lookup: undefined });
    }
  }

  /** These wait for one look-up. Its own spans go below the first; the others name that one. */
  lookup(records: readonly TracedRecord[], users: number): Span | undefined {
    let first: Span | undefined;
    for (const { value } of records) {
      const traced = this.#traced.get(value.auctionId);
      if (!traced) continue;
      const attributes = { 'helios.profile.users': users };
      traced.lookup = traced.bids.child('profile lookup', { attributes });
      if (first) traced.lookup.link(first.traceparent);
      else first = traced.lookup;
    }
    return first;
  }

  /** @param uses undefined: they do not wait any longer. */
  lookedUp(records: readonly TracedRecord[], uses: ProfileUses | undefined): void {
    for (const { value } of records) {
      const lookup = this.#traced.get(value.auctionId)?.lookup;
      if (!lookup) continue;
      const { userId = '' } = profileAsk(value.request);
      const reason = uses ? uses.get(userId)?.reason : 'timeout';
      if (reason === 'timeout' || reason === 'unavailable') lookup.fail(reason);
      lookup.end();
    }
  }

  dropped(auctionId: string, reason: string): void {
    const bids = this.#traced.get(auctionId)?.bids;
    bids?.fail(reason);
    bids?.end();
  }

  /** Ends the making of the bids, and puts the way of the answer into the answer. */
  answered(answer: BidResponseMessage, partition: number): void {
    const { auctionId, enriched, unenrichedReason, seats } = answer;
    const bids = this.#traced.get(auctionId)?.bids;
    if (!bids) return;
    bids.set({
      'helios.seats': seats.length,
      'helios.bids': seats.reduce((sum, seat) => sum + seat.bids.length, 0),
      'helios.enriched': enriched,
      'helios.unenriched_reason': unenrichedReason,
    });
    const send = bids.send('bid_responses', { auctionId, partition });
    answer.traceparent = send.traceparent;
    this.#sends.push(send);
    bids.end();
  }

  /** Of the answers since the last call: they end when the bus has them. */
  takeSends(): readonly Span[] {
    const sends = this.#sends;
    this.#sends = [];
    return sends;
  }
}
