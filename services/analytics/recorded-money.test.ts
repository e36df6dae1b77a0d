import { createMetrics } from '#shared/metrics.ts';
import { expect, test } from 'vitest';
import { createRecordedMoney } from './recorded-money.ts';
import { impOutcome, outcome, WINNER } from './test-records.ts';

test('createRecordedMoney() adds up what wins cost, tests left out', async () => {
  const metrics = createMetrics();
  const record = createRecordedMoney(metrics);
  const won = impOutcome({ winner: { ...WINNER, priceMicros: 2_310_000 } });
  const lost = { ...impOutcome({}), winner: undefined };
  record(outcome(1, { imps: [won, lost, won] as never }));
  record(outcome(2, { imps: [won], test: true }));
  expect((await metrics.render()).text).toContain('helios_recorded_micros_total 4620');
});
