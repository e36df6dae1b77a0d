/** One table on its way into the warehouse: how its calls are insisted on, and whether they fail now. */
import { describeError, type Log } from '#shared/log.ts';
import type { Metrics } from '#shared/metrics.ts';
import type { Clock } from '#shared/service.ts';
import { createInsist, type Insist } from './back-off.ts';
import type { TableCounts } from './table-counts.ts';

/** An insert takes far less than a second; one that takes longer than this hangs. */
const CALL_SLOW_MS = 30_000;

export interface TableLaneSetup {
  table: string;
  counts: TableCounts;
  clock: Clock;
  log: Log;
  /** Ends the insisting. */
  signal: AbortSignal;
  /** A call failed and will be tried again; `first` of an outage. */
  failed(error: unknown, first: boolean): void;
}

export class TableLane {
  readonly table: string;
  readonly counts: TableCounts;
  readonly insist: Insist;
  readonly #clock: Clock;
  /** Epoch ms at which the call under way was begun. */
  #calledAt: number | undefined;
  #trouble: { since: number; reason: unknown } | undefined;

  constructor({ table, counts, clock, log, signal, failed }: TableLaneSetup) {
    this.table = table;
    this.counts = counts;
    this.#clock = clock;
    const insist = createInsist(signal, {
      failed: (error, failures) => {
        counts.retries.inc();
        this.#trouble ??= { since: clock.now(), reason: error };
        failed(error, failures === 1);
      },
      worked: () => {
        if (!this.#trouble) return;
        const outage_ms = clock.now() - this.#trouble.since;
        this.#trouble = undefined;
        log.info('warehouse_back', { table, outage_ms });
      },
    });
    this.insist = async (work) => {
      this.#calledAt = clock.now();
      try {
        return await insist(work);
      } finally {
        this.#calledAt = undefined;
      }
    };
  }

  /** Since when, in epoch ms, a call fails or hangs, and why; undefined while rows are taken. */
  failing(): { since: number; reason: string } | undefined {
    if (this.#trouble) {
      return { since: this.#trouble.since, reason: describeError(this.#trouble.reason) };
    }
    const since = this.#calledAt;
    if (since === undefined || this.#clock.now() - since <= CALL_SLOW_MS) return undefined;
    return { since, reason: 'the warehouse does not answer' };
  }
}

/** As a metric; the lanes may still be few when this is called. */
export function tellFailing(metrics: Metrics, lanes: readonly TableLane[], clock: Clock): void {
  const name = 'helios_warehouse_failing_seconds';
  metrics.gauge(
    name,
    'How long a table has taken no rows; 0 while it takes them',
    ['table'],
    () =>
      lanes.map((lane) => {
        const failing = lane.failing();
        const value = failing ? (clock.now() - failing.since) / 1_000 : 0;
        return { labels: { table: lane.table }, value };
      }),
  );
}
