import type { Dashboard } from './dashboard.ts';
import { clearedPerHour, meanPrice } from './money-panels.ts';
import { rate } from './queries.ts';

const GROUP = 'group=~"$group"';
const SEAT = 'seat=~"$seat"';

/** Each bidding group and seat: whether it answers, bids, wins, and for how much. */
export const BIDDERS: Dashboard = {
  uid: 'helios-bidders',
  title: 'Helios bidders',
  about: 'Each bidding group and seat: whether it answers in time, bids, wins, and at what price.',
  choices: [
    { name: 'group', values: 'label_values(helios_group_answers_total, group)' },
    { name: 'seat', values: 'label_values(helios_bids_total, seat)' },
  ],
  rows: [
    {
      title: 'Groups',
      panels: [
        {
          title: 'Auctions a group did not answer in time',
          kind: 'lines',
          unit: 'percentunit',
          width: 12,
          queries: [{
            expr: `${rate(`helios_group_answers_total{answer="missing", ${GROUP}}`, 'group')} / ${
              rate(`helios_group_answers_total{${GROUP}}`, 'group')
            }`,
            legend: '{{group}}',
          }],
        },
        {
          title: 'Answers that came too late',
          kind: 'lines',
          unit: 'ops',
          width: 12,
          queries: [{
            expr: rate(`helios_late_answers_total{${GROUP}}`, 'group'),
            legend: '{{group}}',
          }],
        },
        {
          title: 'Requests left unanswered, by reason',
          kind: 'stacked',
          unit: 'ops',
          width: 12,
          queries: [{
            expr: rate(`helios_bidding_dropped_total{${GROUP}}`, 'group, reason'),
            legend: '{{group}} {{reason}}',
          }, { expr: rate('helios_bidding_failed_total'), legend: 'exceptions' }],
        },
        {
          title: 'Imps without a bid, by reason',
          kind: 'stacked',
          unit: 'ops',
          width: 12,
          queries: [{
            expr: rate(`helios_no_bids_total{${GROUP}}`, 'reason'),
            legend: '{{reason}}',
          }],
        },
        {
          title: 'Behind on requests',
          kind: 'lines',
          unit: 'short',
          width: 12,
          queries: [{
            expr: 'max by (group) (helios_group_lag_records{topic="bid_requests", ' +
              'group=~"bidding-.*"})',
            legend: '{{group}}',
          }],
        },
        {
          title: 'Look-ups of profiles, by result',
          kind: 'stacked',
          unit: 'ops',
          width: 12,
          queries: [{ expr: rate('helios_profile_lookups_total', 'result'), legend: '{{result}}' }],
        },
      ],
    },
    {
      title: 'Seats',
      panels: [
        {
          title: 'Bids',
          kind: 'stacked',
          unit: 'ops',
          width: 12,
          queries: [{
            expr: rate(`helios_bids_total{${GROUP}, ${SEAT}}`, 'seat'),
            legend: '{{seat}}',
          }],
        },
        {
          title: 'Bids that win',
          kind: 'lines',
          unit: 'percentunit',
          width: 12,
          queries: [{
            expr: `${rate(`helios_wins_total{${SEAT}}`, 'seat')} / ${
              rate(`helios_bids_total{${SEAT}}`, 'seat')
            }`,
            legend: '{{seat}}',
          }],
        },
        meanPrice(`{${SEAT}}`),
        clearedPerHour(`{${SEAT}}`),
      ],
    },
  ],
};
