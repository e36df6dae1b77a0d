import type { Dashboard } from './dashboard.ts';
import { rate } from './queries.ts';

const MICROS = 1e6;
const HOUR_S = 3_600;
/** Prices are per thousand impressions. */
const MILLE = 1_000;

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
        {
          title: 'Cleared in an hour, at the pace of the moment',
          kind: 'stacked',
          unit: 'currencyUSD',
          width: 12,
          queries: [{
            expr: `${HOUR_S} * ${rate('helios_cleared_micros_total', 'seat')} / ${MICROS}`,
            legend: '{{seat}}',
          }],
        },
        {
          title: 'Mean price of a thousand',
          kind: 'lines',
          unit: 'currencyUSD',
          width: 12,
          queries: [{
            expr: `${MILLE} * ${rate('helios_cleared_micros_total', 'seat')} / ${
              rate('helios_wins_total', 'seat')
            } / ${MICROS}`,
            legend: '{{seat}}',
          }],
        },
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
            expr: `${rate('helios_cleared_micros_total')} / ${
              rate('helios_requests_total{result=~"filled|no_bid|deadline"}')
            }`,
            legend: 'micros',
          }],
        },
      ],
    },
  ],
};
