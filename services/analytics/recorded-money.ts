/**
 * What wins cost, counted as rows are made of them. Auctions count the same as they clear
 * (`helios_sold_micros_total`): where the two part for long, money is lost or doubled on the way.
 */
import type { Metrics } from '#shared/metrics.ts';
import type { AuctionOutcome } from '#shared/model/events.ts';
import { impressionMicros } from '#shared/model/money.ts';

export function createRecordedMoney(metrics: Metrics): (outcome: AuctionOutcome) => void {
  const micros = metrics.counter(
    'helios_recorded_micros_total',
    'What wins cost, one impression each, in micros of the currency, as rows were made of them',
    [],
  )({});
  return ({ test, imps }) => {
    // A test is no business.
    if (test) return;
    for (const { winner } of imps) {
      if (winner) micros.inc(impressionMicros(winner.priceMicros));
    }
  };
}
