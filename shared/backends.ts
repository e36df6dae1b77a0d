/** The engines behind the seams, chosen by the settings. A new engine is one file and one line here. */
import { join } from 'node:path';
import type { Bus } from './bus/bus.ts';
import { createEmbeddedBus } from './bus/embedded.ts';
import { type CatalogView, followCatalog } from './catalog-view.ts';
import type { Config } from './config.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import { createSqliteStore } from './store/sqlite.ts';
import type { Store } from './store/store.ts';
import { createChdbWarehouse } from './warehouse/chdb.ts';
import type { Warehouse } from './warehouse/warehouse.ts';

export interface Backends {
  bus: Bus;
  store: Store;
  warehouse: Warehouse;
  catalog: CatalogView;
  /** For readiness: each rejects with the reason when it cannot work. */
  engines: { name: string; check(): Promise<void> }[];
  close(): Promise<void>;
}

/** @throws an Error with one line when an engine cannot be opened; those already open are closed. */
export async function openBackends(config: Config, log: Log, metrics: Metrics): Promise<Backends> {
  const onError = (engine: string) => (error: unknown): void =>
    log.error('engine_error', { engine, error });
  const dropped = metrics.counter('helios_dropped_total', 'Records a slow reader had no room for', [
    'topic',
  ]);
  const opened = await openAll({
    bus: () =>
      createEmbeddedBus({
        path: join(config.DATA_DIR, 'journal.db'),
        partitions: config.PARTITIONS,
        onError: onError('bus'),
        onDrop: (topic, records) => dropped({ topic }).inc(records),
      }),
    store: async () =>
      createSqliteStore({ path: join(config.DATA_DIR, 'store.db'), onError: onError('store') }),
    warehouse: () =>
      createChdbWarehouse({
        path: join(config.DATA_DIR, 'warehouse'),
        onError: onError('warehouse'),
      }),
  });
  const { bus, store, warehouse } = opened;
  const catalog = await followCatalog(bus, onError('catalog'));
  metrics.gauge(
    'helios_queue_depth',
    'Records waiting on the bus',
    ['topic'],
    () => bus.depths().map(({ topic, waiting }) => ({ labels: { topic }, value: waiting })),
  );
  return {
    ...opened,
    catalog,
    engines: [
      { name: 'bus (embedded)', check: () => bus.check() },
      { name: 'store (sqlite)', check: () => store.check() },
      { name: 'warehouse (chdb)', check: () => warehouse.check() },
    ],
    async close() {
      await catalog.close();
      await bus.close();
      await Promise.all([store.close(), warehouse.close()]);
    },
  };
}

interface Engines {
  bus: Bus;
  store: Store;
  warehouse: Warehouse;
}

/** Opens all at once; when one fails the others are closed again and its error is thrown. */
async function openAll(
  open: { [E in keyof Engines]: () => Promise<Engines[E]> },
): Promise<Engines> {
  const results = await Promise.allSettled([open.bus(), open.store(), open.warehouse()]);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) {
    for (const result of results) if (result.status === 'fulfilled') await result.value.close();
    throw failed.reason;
  }
  const [bus, store, warehouse] = results.map((r) => (r as PromiseFulfilledResult<unknown>).value);
  return { bus, store, warehouse } as Engines;
}
