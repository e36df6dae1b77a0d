import { keepTables } from '#shared/warehouse/tables.ts';
import type { Warehouse } from '#shared/warehouse/warehouse.ts';

/** Merges leave a part behind about once in a thousand inserts. */
const INTERVAL_MS = 3_600_000;

/** Looks after the tables now and then, until told to stop. */
export function keepTablesHourly(
  warehouse: Pick<Warehouse, 'command' | 'query'>,
  onError: (error: unknown) => void,
): { stop(): void } {
  const timer = setInterval(() => void keepTables(warehouse).catch(onError), INTERVAL_MS);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}
