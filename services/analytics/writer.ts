/** Everything that goes into the warehouse: outcomes and events exactly once, details best effort. */
import type { Bus, Received } from '#shared/bus/bus.ts';
import type { Log } from '#shared/log.ts';
import type { Metrics } from '#shared/metrics.ts';
import type { TopicName } from '#shared/model/events.ts';
import { within } from '#shared/model/within.ts';
import type { Clock } from '#shared/service.ts';
import type { Tracer } from '#shared/trace.ts';
import { AD_EVENTS, AUCTION_DETAILS, createTables, OUTCOMES } from '#shared/warehouse/tables.ts';
import type { Warehouse } from '#shared/warehouse/warehouse.ts';
import { createDetailsWriter, type DetailsWriter } from './details-writer.ts';
import { eventRow } from './event-row.ts';
import { createInsertTrace } from './insert-trace.ts';
import { createLedgerWriter, type LedgerWriter } from './ledger-writer.ts';
import { outcomeRows } from './outcome-rows.ts';
import type { OffsetRange, RecordPlace } from './offset-ranges.ts';
import { newestEvents, newestOutcomes, type Query } from './queries.ts';
import { createRecordedMoney } from './recorded-money.ts';
import { createTableCounts, type TableCounts } from './table-counts.ts';
import { keepTablesHourly } from './table-keeping.ts';
import { TableLane, tellFailing } from './table-lane.ts';

/**
 * Time to write what waits when the stage closes: some inserts. The rest is for the next start. With the
 * seconds a door waits for a report it is less than the process has: the engines close after this.
 */
const CLOSE_DEADLINE_MS = 3_000;
/** Time in which a warehouse that is there has tables and what a crash left behind; one that hangs is away. */
const START_DEADLINE_MS = 5_000;
/** Time to wait for what is still on its way through the bus when the stage closes. */
const DRAIN_DEADLINE_MS = 2_000;
const DRAIN_INTERVAL_MS = 5;
const TOPICS: readonly TopicName[] = ['auction_outcomes', 'auction_details', 'ad_events'];

export interface WriterDependencies {
  bus: Bus;
  warehouse: Warehouse;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  tracer?: Tracer | undefined;
  onError: (error: unknown, where: { stage: 'analytics' }) => void;
  /** The warehouse has the outcomes of these ranges. */
  onStored?: (ranges: readonly OffsetRange[]) => void;
  /** Told of details as they come, whether the warehouse answers or not. */
  onDetails?: (batch: readonly Received<'auction_details'>[]) => void;
}

/** Row texts (JSON) of one auction; empty where there is none in memory. */
export interface RecentAuction {
  outcomes: string[];
  details: string | undefined;
  events: string[];
}

export interface Writer {
  /**
   * Resolves when the writer reads, or as soon as it is known that the warehouse is away or does not answer:
   * then it goes on trying, and `ready()` says so. Rejects when the bus cannot be read.
   */
  start(): Promise<void>;
  /** Rejects with the reason while rows cannot be written. */
  ready(): Promise<void>;
  /** What was handed over lately, whether the warehouse has it or not. */
  find(auctionId: string): RecentAuction;
  /** Whether an outcome that was read still waits for its insert. */
  isWaiting(outcome: RecordPlace): boolean;
  /** Resolves when nothing waits to be written. */
  flush(): Promise<void>;
  /** Writes what waits, within {@link CLOSE_DEADLINE_MS}; outcomes left over stay on the bus. */
  close(): Promise<void>;
}

export function createWriter(dependencies: WriterDependencies): Writer {
  return new WarehouseWriter(dependencies);
}

class WarehouseWriter implements Writer {
  readonly #on: WriterDependencies;
  readonly #end = new AbortController();
  readonly #blocked = Promise.withResolvers<void>();
  readonly #lanes: TableLane[] = [];
  readonly #outcomes: LedgerWriter;
  readonly #events: LedgerWriter;
  readonly #details: DetailsWriter;
  #started = false;
  /** Resolves when there are tables. */
  #tables: Promise<void> = Promise.resolve();
  #keeping: { stop(): void } | undefined;
  #prepared: Promise<void> = Promise.resolve();

  constructor(dependencies: WriterDependencies) {
    this.#on = dependencies;
    const { bus, warehouse, clock, metrics, tracer } = dependencies;
    const countsOf = createTableCounts(metrics);
    const recordMoney = createRecordedMoney(metrics);
    const lane = (table: string) => {
      const { counts, insist } = this.#addLane(table, countsOf(table));
      const onError = (error: unknown): void => this.#report(error);
      return { bus, warehouse, table, counts, insist, signal: this.#end.signal, onError };
    };
    const keysOf = async ({ sql, params }: Query): Promise<string[]> => {
      await this.#tables;
      return (await warehouse.query<{ key: string }>(sql, params)).map(({ key }) => key);
    };
    this.#outcomes = createLedgerWriter({
      ...lane(OUTCOMES),
      topic: 'auction_outcomes',
      rowsOf({ value, partition, offset }) {
        const rows = outcomeRows(value, partition, offset);
        recordMoney(value);
        return rows;
      },
      keyOf: ({ auctionId }) => auctionId,
      newestKeys: (limit) => keysOf(newestOutcomes(limit)),
      onStored: dependencies.onStored,
      trace: tracer && createInsertTrace(tracer, OUTCOMES),
    });
    this.#events = createLedgerWriter({
      ...lane(AD_EVENTS),
      topic: 'ad_events',
      rowsOf: ({ value, partition, offset }) => [eventRow(value, partition, offset)],
      keyOf: ({ auctionId, kind }) => `${auctionId}/${kind}`,
      newestKeys: (limit) => keysOf(newestEvents(limit)),
    });
    this.#details = createDetailsWriter({
      ...lane(AUCTION_DETAILS),
      onRecords: dependencies.onDetails,
    });
    metrics.gauge(
      'helios_warehouse_waiting_rows',
      'Rows waiting for their insert',
      ['table'],
      () => [
        { labels: { table: OUTCOMES }, value: this.#outcomes.waitingRows() },
        { labels: { table: AD_EVENTS }, value: this.#events.waitingRows() },
        { labels: { table: AUCTION_DETAILS }, value: this.#details.waitingRows() },
      ],
    );
    tellFailing(metrics, this.#lanes, clock);
  }

  async start(): Promise<void> {
    this.#prepared = this.#prepare();
    await within(Promise.race([this.#prepared, this.#blocked.promise]), START_DEADLINE_MS);
    this.#prepared.catch((error) => this.#end.signal.aborted || this.#report(error));
  }

  async ready(): Promise<void> {
    for (const lane of this.#lanes) {
      const failing = lane.failing();
      if (!failing) continue;
      const since = new Date(failing.since).toISOString();
      throw new Error(`Cannot write ${lane.table} since ${since}: ${failing.reason}`);
    }
    if (!this.#started) throw new Error('Cannot write to the warehouse: still starting');
    await this.#on.warehouse.check();
  }

  find(auctionId: string): RecentAuction {
    return {
      outcomes: this.#outcomes.find(auctionId),
      details: this.#details.find(auctionId),
      events: this.#events.find(auctionId),
    };
  }

  isWaiting(outcome: RecordPlace): boolean {
    return this.#outcomes.isWaiting(outcome);
  }

  async flush(): Promise<void> {
    await Promise.all([this.#outcomes.flush(), this.#events.flush(), this.#details.flush()]);
  }

  async close(): Promise<void> {
    const late = new Error('Cannot write what waits: the time for closing is over');
    const timer = setTimeout(() => this.#end.abort(late), CLOSE_DEADLINE_MS);
    try {
      if (this.#started) await this.#drain();
    } catch (error) {
      this.#report(error);
    } finally {
      clearTimeout(timer);
      this.#end.abort(new Error('The writer is closed'));
    }
    await Promise.allSettled([this.#prepared]);
    this.#keeping?.stop();
    await Promise.all([this.#outcomes.close(), this.#events.close(), this.#details.close()]);
  }

  async #prepare(): Promise<void> {
    // Before the warehouse is asked for anything: details are not kept by the bus, and the others only as
    // long as it knows that somebody wants them.
    await this.#details.start();
    this.#tables = this.#lanes[0]!.insist(() => createTables(this.#on.warehouse));
    await Promise.all([this.#tables, this.#outcomes.start(), this.#events.start()]);
    this.#started = true;
    this.#keeping = keepTablesHourly(this.#on.warehouse, (error) => this.#report(error));
  }

  /** Writes until neither the writers nor the bus have anything left. */
  async #drain(): Promise<void> {
    const until = performance.now() + DRAIN_DEADLINE_MS;
    do {
      await this.flush();
      await new Promise((resolve) => setTimeout(resolve, DRAIN_INTERVAL_MS));
    } while (this.#onTheWay() > 0 && performance.now() < until);
    await this.flush();
  }

  #onTheWay(): number {
    return this.#on.bus.depths()
      .reduce((sum, { topic, waiting }) => TOPICS.includes(topic) ? sum + waiting : sum, 0);
  }

  #addLane(table: string, counts: TableCounts): TableLane {
    const { clock, log } = this.#on;
    const failed = (error: unknown, first: boolean): void => {
      this.#blocked.resolve();
      // Once per outage; the metrics count the rest.
      if (first) this.#report(error);
    };
    const lane = new TableLane({ table, counts, clock, log, signal: this.#end.signal, failed });
    this.#lanes.push(lane);
    return lane;
  }

  #report(error: unknown): void {
    this.#on.onError(error, { stage: 'analytics' });
  }
}
