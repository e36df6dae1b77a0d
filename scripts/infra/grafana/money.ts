import type { Dashboard } from './dashboard.ts';
import { clearedPerHour, meanPrice, MICROS, MILLE } from './money-panels.ts';
import { ENDED, rate } from './queries.ts';

/** What wins cost. Counted as auctions close: for accounts ask the ledger. */
export const MONEY: Dashboard = {
  uid: 'helios-money',
  title: 'Helios money',
  about: 'What wins cost as auctions close, one impression each; the ledger is in ClickHouse.',
  rows: [
    {
      title: 'In the time shown',
      panels: [
        {
          title: 'Cleared',
          kind: 'number',
          unit: 'currencyUSD',
          width: 6,
          queries: [{
            expr:
              `sum(increase(helios_cleared_micros_total{currency="USD"}[$__range])) / ${MICROS}`,
            legend: 'USD',
          }],
        },
        {
          title: 'Imps won',
          kind: 'number',
          unit: 'short',
          width: 6,
          queries: [{ expr: 'sum(increase(helios_wins_total[$__range]))', legend: '' }],
        },
        {
          title: 'Mean price of a thousand',
          kind: 'number',
          unit: 'currencyUSD',
          width: 6,
          queries: [{
            expr: `${MILLE} * sum(increase(helios_cleared_micros_total[$__range])) / ` +
              `sum(increase(helios_wins_total[$__range])) / ${MICROS}`,
            legend: '',
          }],
        },
        {
          title: 'Wins that came too late',
          about: 'Nothing was shown, and nothing may be charged.',
          kind: 'number',
          unit: 'short',
          width: 6,
          redFrom: 1,
          queries: [{ expr: 'sum(increase(helios_undelivered_total[$__range]))', legend: '' }],
        },
      ],
    },
    {
      title: 'Over time',
      panels: [
        clearedPerHour(),
        meanPrice(),
        {
          title: 'Imps won',
          kind: 'stacked',
          unit: 'ops',
          width: 12,
          queries: [{ expr: rate('helios_wins_total', 'seat'), legend: '{{seat}}' }],
        },
        {
          title: 'Cleared per request',
          about: 'In millionths: falls when fewer bid, or for less.',
          kind: 'lines',
          unit: 'short',
          width: 12,
          queries: [{
            expr: `${rate('helios_cleared_micros_total')} / ${ENDED}`,
            legend: 'micros',
          }],
        },
      ],
    },
  ],
};
