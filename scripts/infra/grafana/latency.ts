import type { Dashboard, Panel } from './dashboard.ts';
import { quantile, rate, shareEnded } from './queries.ts';

/** Where the time of an answer goes. */
export const LATENCY: Dashboard = {
  uid: 'helios-latency',
  title: 'Helios latency',
  about: 'How long publishers wait, and where the time goes.',
  rows: [
    {
      title: 'What publishers see',
      panels: [
        number('Half within', quantile(0.5, 'helios_answer_seconds')),
        number('99 of 100 within', quantile(0.99, 'helios_answer_seconds'), 0.25),
        number('999 of 1000 within', quantile(0.999, 'helios_answer_seconds')),
        {
          title: 'Answered empty at the deadline',
          kind: 'number',
          unit: 'percentunit',
          width: 6,
          redFrom: 0.02,
          queries: [{
            expr: shareEnded('deadline'),
            legend: '',
          }],
        },
        quantiles('Answers', 'helios_answer_seconds'),
        {
          title: 'Answers, all of them',
          kind: 'heat',
          unit: 's',
          width: 12,
          queries: [{
            expr: 'sum by (le) (increase(helios_answer_seconds_bucket[$__rate_interval]))',
            legend: '{{le}}',
          }],
        },
      ],
    },
    {
      title: 'Stages',
      panels: [
        {
          title: 'From the reading of a request to the end of a stage, 99 of 100',
          kind: 'lines',
          unit: 's',
          width: 12,
          queries: [
            { expr: quantile(0.99, 'helios_stage_seconds', 'stage'), legend: '{{stage}}' },
          ],
        },
        {
          title: 'Auctions closed by their deadline',
          about: 'Not all groups had answered.',
          kind: 'lines',
          unit: 'percentunit',
          width: 12,
          queries: [{
            expr: `${rate('helios_auctions_total{closed_by="deadline"}')} / ${
              rate('helios_auctions_total')
            }`,
            legend: 'closed by the deadline',
          }],
        },
        quantiles('Look-ups of profiles, as bidding sees them', 'helios_profile_lookup_seconds'),
        {
          title: 'gRPC calls of the profile stage, 99 of 100',
          kind: 'lines',
          unit: 's',
          width: 12,
          queries: [
            { expr: quantile(0.99, 'helios_profile_call_seconds', 'method'), legend: '{{method}}' },
          ],
        },
        {
          title: 'Inserts into ClickHouse, 99 of 100',
          kind: 'lines',
          unit: 's',
          width: 12,
          queries: [{
            expr: quantile(0.99, 'helios_warehouse_insert_seconds', 'table'),
            legend: '{{table}}',
          }],
        },
        {
          title: 'What work waits for its turn in a process, 99 of 100',
          kind: 'lines',
          unit: 's',
          width: 12,
          queries: [{
            expr: 'max by (instance) (helios_event_loop_delay_seconds{quantile="0.99"})',
            legend: '{{instance}}',
          }],
        },
      ],
    },
  ],
};

function number(title: string, expr: string, redFrom?: number): Panel {
  return {
    title,
    kind: 'number',
    unit: 's',
    width: 6,
    queries: [{ expr, legend: '' }],
    ...(redFrom !== undefined && { redFrom }),
  };
}

function quantiles(title: string, metric: string): Panel {
  return {
    title,
    kind: 'lines',
    unit: 's',
    width: 12,
    queries: [0.5, 0.9, 0.99].map((share) => ({
      expr: quantile(share, metric),
      legend: `${100 * share} of 100`,
    })),
  };
}
