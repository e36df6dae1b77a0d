/** What the bidding stage counts and, where it is no expected outcome, logs. */
import { type Log, seldom } from '#shared/log.ts';
import type { Count, Metrics } from '#shared/metrics.ts';
import type { Envelope } from '#shared/model/events.ts';
import type { Clock } from '#shared/service.ts';
import { auctionFields } from '#shared/trace.ts';
import type { Tally } from './bidding-group.ts';

export interface BiddingTally {
  of(group: string): Tally;
  /** Background work that ended with an exception. */
  failed(error: unknown, message?: Envelope): void;
  unpublished(error: unknown, answers: number): void;
}

export function createBiddingTally(
  { metrics, log, clock }: { metrics: Metrics; log: Log; clock: Clock },
): BiddingTally {
  const bids = metrics.counter('helios_bids_total', 'Bids made.', ['group', 'seat']);
  const noBids = metrics.counter(
    'helios_no_bids_total',
    'Imps a seat did not bid on, by reason.',
    ['group', 'reason'],
  );
  const dropped = metrics.counter(
    'helios_bidding_dropped_total',
    'Requests a group did not answer, by reason.',
    ['group', 'reason'],
  );
  const unpublished = metrics.counter(
    'helios_bidding_unpublished_total',
    'Answers the bus did not take.',
    [],
  )({});
  const failures = metrics.counter('helios_bidding_failed_total', 'Exceptions while bidding.', [])(
    {},
  );
  const took = metrics.latency(
    'helios_stage_seconds',
    'Time a stage takes for an auction.',
    ['stage'],
  )({ stage: 'bidding' });
  const logFailed = seldom(log.error, clock);
  const logUnpublished = seldom(log.error, clock);
  const failed: BiddingTally['failed'] = (error, message) => {
    failures.inc();
    logFailed('bidding_failed', { error, ...(message && auctionFields(message)) });
  };
  return {
    of(group) {
      const bidsOf = bound((seat) => bids({ group, seat }));
      const noBidsOf = bound((reason) => noBids({ group, reason }));
      const droppedOf = bound((reason) => dropped({ group, reason }));
      return {
        answered(seats, tookMs) {
          for (const answer of seats) {
            if (answer.bids.length > 0) bidsOf(answer.seat).inc(answer.bids.length);
            for (const { reason } of answer.noBids) noBidsOf(reason).inc();
          }
          took.observe(tookMs / 1_000);
        },
        dropped: (reason) => droppedOf(reason).inc(),
        failed,
      };
    },
    failed,
    unpublished(error, answers) {
      unpublished.inc(answers);
      logUnpublished('bids_not_published', { error, answers });
    },
  };
}

/** Binds a label value when it is first met. */
function bound(bind: (value: string) => Count): (value: string) => Count {
  const counts = new Map<string, Count>();
  return (value) => {
    let count = counts.get(value);
    if (count === undefined) counts.set(value, count = bind(value));
    return count;
  };
}
