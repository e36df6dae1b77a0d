/** A gateway on engines in memory, for tests: nothing of it outlives them. */
import type { Bus } from '#shared/bus/bus.ts';
import { createEmbeddedBus } from '#shared/bus/embedded.ts';
import { type CatalogView, followCatalog } from '#shared/catalog-view.ts';
import { createLog } from '#shared/log.ts';
import { createMetrics } from '#shared/metrics.ts';
import type { ConfigChange } from '#shared/model/catalog.ts';
import type { AuctionOutcome, BidRequestMessage } from '#shared/model/events.ts';
import type { Service } from '#shared/service.ts';
import { createSqliteStore } from '#shared/store/sqlite.ts';
import type { Store } from '#shared/store/store.ts';
import { createGateway, type GatewayDependencies } from './app.ts';

/** Whose auctions those without a key are. */
export const DEMO_PUBLISHER: ConfigChange = {
  v: 1,
  at: 0,
  actor: 't',
  kind: 'publisher',
  id: 'demo',
  value: { id: 'demo', name: 'D', active: true, demo: true },
};

export interface TestEngines {
  bus: Bus;
  store: Store;
  catalog: CatalogView;
  close(): Promise<void>;
}

/** @param onError told what fails behind the test's back */
export async function openEngines(
  onError: (error: unknown) => void,
  partitions = 1,
): Promise<TestEngines> {
  const bus = await createEmbeddedBus({ partitions, onError });
  const store = await createSqliteStore({ path: ':memory:' });
  const catalog = await followCatalog(bus, onError);
  return {
    bus,
    store,
    catalog,
    async close() {
      await catalog.close();
      await bus.close();
      await store.close();
    },
  };
}

/** On loopback, with all partitions and nothing behind it, unless `changes` say otherwise; not started. */
export function gatewayOn(
  { bus, store, catalog }: TestEngines,
  changes: Partial<GatewayDependencies> = {},
): Service {
  return createGateway({
    bus,
    store,
    catalog,
    clock: { now: () => Date.now() },
    log: createLog('silent'),
    metrics: createMetrics(),
    slice: Array.from({ length: bus.partitions }, (_, partition) => partition),
    loopback: true,
    adminKey: undefined,
    tmaxDefaultMs: 60,
    waitingMax: 100,
    routes: {},
    ...changes,
  });
}

/** What the auction stage would make of a request for one banner; without `adm` nobody has won. */
export function outcomeOf(message: BidRequestMessage, adm?: string): AuctionOutcome {
  const winner = {
    seat: 's',
    group: 'g',
    bidId: 'b',
    cid: 'c',
    crid: 'k',
    adomain: ['a.example'],
    mtype: 1,
    bidMicros: 900_000,
    priceMicros: 500_000,
    w: 300,
    h: 250,
    adm,
  };
  const { request, groups: _, arrival: __, ...rest } = message;
  const imp = { impid: '1', mediaType: 'banner', tagid: '', floorMicros: 0, bids: 1, eligible: 1 };
  return {
    ...rest,
    requestId: request.id,
    test: request.test === 1,
    currency: 'USD',
    at: 2,
    imps: [adm === undefined ? imp : { ...imp, winner }],
  } as unknown as AuctionOutcome;
}
