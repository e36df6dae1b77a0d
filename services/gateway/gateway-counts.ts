/** What the gateway counts, bound once. */
import type { Metrics } from '#shared/metrics.ts';

export type GatewayCounts = ReturnType<typeof makeCounts>;

export function makeCounts(metrics: Metrics) {
  const results = metrics.counter('helios_requests_total', 'Auction requests, by how they ended', [
    'result',
  ]);
  return {
    filled: results({ result: 'filled' }),
    noBid: results({ result: 'no_bid' }),
    expired: results({ result: 'deadline' }),
    accepted: results({ result: 'accepted' }),
    repeat: results({ result: 'repeat' }),
    conflict: results({ result: 'conflict' }),
    invalid: results({ result: 'invalid' }),
    refused: results({ result: 'refused' }),
    shed: results({ result: 'shed' }),
    unpublished: metrics.counter(
      'helios_requests_unpublished_total',
      'Requests the bus did not take in time',
      [],
    )({}),
    undelivered: metrics.counter(
      'helios_undelivered_total',
      'Wins that came after the publisher was answered empty',
      [],
    )({}),
    seconds: metrics.latency(
      'helios_answer_seconds',
      'Time to the answer of an auction request',
      [],
    )({}),
  };
}

/** What a scrape finds at its moment. */
export function watchGateway(
  { gauge }: Metrics,
  room: { readonly size: number },
  breaker: { readonly broken: number },
): void {
  const now = (name: string, help: string, value: () => number): void =>
    gauge(name, help, [], () => [{ labels: {}, value: value() }]);
  now('helios_waiting_requests', 'Requests waiting for their auction', () => room.size);
  now(
    'helios_broken_partitions',
    'Partitions passed over because their auctions have no outcomes',
    () => breaker.broken,
  );
}
