import type { Dashboard } from './dashboard.ts';
import { rate, shareEnded } from './queries.ts';

/** Requests on their way, stage by stage, and where they wait. */
export const PIPELINE: Dashboard = {
  uid: 'helios-pipeline',
  title: 'Helios pipeline',
  about: 'Requests on their way through the stages, and where they wait or are lost.',
  rows: [
    {
      title: 'Now',
      panels: [
        {
          title: 'Requests',
          kind: 'number',
          unit: 'reqps',
          width: 4,
          queries: [{ expr: rate('helios_requests_total'), legend: '' }],
        },
        {
          title: 'Fill',
          about: 'Of the auctions that ended: those with an ad.',
          kind: 'number',
          unit: 'percentunit',
          width: 4,
          queries: [{
            expr: shareEnded('filled'),
            legend: '',
          }],
        },
        {
          title: 'Without an outcome in time',
          kind: 'number',
          unit: 'percentunit',
          width: 4,
          redFrom: 0.02,
          queries: [{
            expr: shareEnded('deadline'),
            legend: '',
          }],
        },
        {
          title: 'Farthest behind',
          about: 'Records, of any group on any topic of Kafka.',
          kind: 'number',
          unit: 'short',
          width: 4,
          redFrom: 5_000,
          queries: [{ expr: 'max(helios_group_lag_records)', legend: '' }],
        },
        {
          title: 'Processes that answer',
          kind: 'number',
          unit: 'short',
          width: 4,
          queries: [{ expr: 'sum(up{job="helios"})', legend: '' }],
        },
        {
          title: 'Alerts',
          kind: 'number',
          unit: 'short',
          width: 4,
          redFrom: 1,
          queries: [{
            expr: 'count(ALERTS{alertstate="firing", alertname=~"Helios.*"}) or vector(0)',
            legend: '',
          }],
        },
      ],
    },
    {
      title: 'Flow',
      panels: [
        {
          title: 'Requests by how they ended',
          kind: 'stacked',
          unit: 'reqps',
          width: 12,
          queries: [{ expr: rate('helios_requests_total', 'result'), legend: '{{result}}' }],
        },
        {
          title: 'Auctions by what closed them',
          kind: 'stacked',
          unit: 'ops',
          width: 12,
          queries: [{ expr: rate('helios_auctions_total', 'closed_by'), legend: '{{closed_by}}' }],
        },
        {
          title: 'Bids',
          kind: 'stacked',
          unit: 'ops',
          width: 12,
          queries: [{ expr: rate('helios_bids_total', 'group'), legend: '{{group}}' }],
        },
        {
          title: 'Rows into ClickHouse',
          kind: 'stacked',
          unit: 'rowsps',
          width: 12,
          queries: [{ expr: rate('helios_warehouse_rows_total', 'table'), legend: '{{table}}' }],
        },
      ],
    },
    {
      title: 'Waiting',
      panels: [
        {
          title: 'Behind on Kafka',
          kind: 'lines',
          unit: 'short',
          width: 12,
          queries: [{
            expr: 'max by (group, topic) (helios_group_lag_records)',
            legend: '{{group}} {{topic}}',
          }],
        },
        {
          title: 'Members of the groups',
          kind: 'lines',
          unit: 'short',
          width: 12,
          queries: [{ expr: 'max by (group) (helios_group_members)', legend: '{{group}}' }],
        },
        {
          title: 'Open requests and auctions',
          kind: 'lines',
          unit: 'short',
          width: 8,
          queries: [
            { expr: 'sum(helios_waiting_requests)', legend: 'requests' },
            { expr: 'sum(helios_open_auctions)', legend: 'auctions' },
            { expr: 'sum(helios_broken_partitions)', legend: 'partitions passed over' },
          ],
        },
        {
          title: 'Records in the processes',
          kind: 'lines',
          unit: 'short',
          width: 8,
          queries: [{ expr: 'sum by (topic) (helios_queue_depth)', legend: '{{topic}}' }],
        },
        {
          title: 'Rows that wait for ClickHouse',
          kind: 'lines',
          unit: 'short',
          width: 8,
          queries: [
            { expr: 'sum by (table) (helios_warehouse_waiting_rows)', legend: '{{table}}' },
            {
              expr: 'max by (table) (helios_warehouse_failing_seconds)',
              legend: '{{table}}: seconds without',
            },
          ],
        },
      ],
    },
    {
      title: 'Lost and late',
      panels: [
        {
          title: 'Sent away, late, not stored',
          kind: 'lines',
          unit: 'ops',
          width: 12,
          queries: [
            { expr: rate('helios_requests_total{result="shed"}'), legend: 'sent away (503)' },
            { expr: rate('helios_requests_unpublished_total'), legend: 'requests not published' },
            { expr: rate('helios_bidding_unpublished_total'), legend: 'bids not published' },
            { expr: rate('helios_outcomes_unstored_total'), legend: 'outcomes not stored' },
            { expr: rate('helios_undelivered_total'), legend: 'wins undelivered' },
            { expr: rate('helios_dropped_total'), legend: 'dropped by slow readers' },
          ],
        },
        {
          title: 'Unreadable, refused, tried again',
          kind: 'lines',
          unit: 'ops',
          width: 12,
          queries: [
            { expr: rate('helios_dead_letters_total', 'topic'), legend: 'dead letters {{topic}}' },
            { expr: rate('helios_warehouse_refused_total', 'table'), legend: 'refused {{table}}' },
            {
              expr: rate('helios_warehouse_unreadable_total', 'table'),
              legend: 'no row {{table}}',
            },
            { expr: rate('helios_warehouse_retries_total', 'table'), legend: 'again {{table}}' },
            { expr: rate('helios_foreign_seats_total'), legend: 'foreign seats' },
          ],
        },
      ],
    },
    {
      title: 'Processes',
      panels: [
        {
          title: 'Processes of each stage',
          kind: 'lines',
          unit: 'short',
          width: 8,
          queries: [{ expr: 'sum by (stage) (helios_stage_open)', legend: '{{stage}}' }],
        },
        {
          title: 'Memory',
          kind: 'lines',
          unit: 'bytes',
          width: 8,
          queries: [{ expr: 'helios_memory_bytes{kind="rss"}', legend: '{{instance}}' }],
        },
        {
          title: 'Viewers of the live page',
          kind: 'lines',
          unit: 'short',
          width: 8,
          queries: [
            { expr: 'sum(helios_live_viewers)', legend: 'viewers' },
            { expr: rate('helios_live_slow_total'), legend: 'updates left out per second' },
          ],
        },
      ],
    },
  ],
};
