/** Real engines in a folder of their own, for the tests of this folder. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bus } from '#shared/bus/bus.ts';
import { createEmbeddedBus } from '#shared/bus/embedded.ts';
import { createLog } from '#shared/log.ts';
import { createMetrics } from '#shared/metrics.ts';
import { createChdbWarehouse } from '#shared/warehouse/chdb.ts';
import { createTables, DATABASE } from '#shared/warehouse/tables.ts';
import type { Warehouse } from '#shared/warehouse/warehouse.ts';
import { TIME_MS } from './test-records.ts';
import type { WriterDependencies } from './writer.ts';

export interface TestEngines {
  warehouse: Warehouse;
  /** A bus on a journal of its own, or on the same as before. */
  openBus(journal: string): Promise<Bus>;
  /** Empty tables; the tokens of earlier inserts are forgotten too. */
  resetTables(): Promise<void>;
  dispose(): Promise<void>;
}

/** A process has one chDB at a time: one call per test file. */
export async function openEngines(): Promise<TestEngines> {
  const folder = await mkdtemp(join(tmpdir(), 'helios-analytics-'));
  const fail = (error: unknown): void => {
    throw error;
  };
  const warehouse = await createChdbWarehouse({ path: join(folder, 'warehouse'), onError: fail });
  return {
    warehouse,
    openBus: (journal) =>
      createEmbeddedBus({ path: join(folder, `${journal}.db`), partitions: 4, onError: fail }),
    async resetTables() {
      await warehouse.command(`DROP DATABASE IF EXISTS ${DATABASE} SYNC`);
      await createTables(warehouse);
    },
    async dispose() {
      await warehouse.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** What a stage gets beside its engines; errors are collected. */
export function surroundings(
  errors: unknown[] = [],
): Omit<WriterDependencies, 'bus' | 'warehouse'> {
  return {
    clock: { now: () => TIME_MS },
    log: createLog('silent'),
    metrics: createMetrics(),
    onError: (error) => errors.push(error),
  };
}

/** The value of a metric of one table, 0 when it was never counted. */
export async function metricOf(
  metrics: WriterDependencies['metrics'],
  name: string,
  table: string,
): Promise<number> {
  const { text } = await metrics.render();
  const line = text.split('\n').find((line) => line.startsWith(`${name}{table="${table}"}`));
  return Number(line?.split(' ')[1] ?? 0);
}
