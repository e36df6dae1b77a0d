/**
 * Some auctions before the first: the same stages on a bus of their own, so that nothing of them is
 * kept. Compiling the path of a request takes about 45 ms of CPU; a newcomer's first bid would pay it
 * out of its 100 ms and often end without an ad.
 */
import { createEmbeddedBus } from '#shared/bus/embedded.ts';
import type { CatalogView } from '#shared/catalog-view.ts';
import { createLog } from '#shared/log.ts';
import { createMetrics } from '#shared/metrics.ts';
import { systemClock } from '#shared/service.ts';
import type { Store } from '#shared/store/store.ts';
import { createAuction } from './auction/app.ts';
import { createBidding } from './bidding/app.ts';
import { createGateway } from './gateway/app.ts';

/** The first compiles, the others settle what the engine has learnt from it. */
const ROUNDS = 10;
const BODY = JSON.stringify({
  user_id: 'rehearsal',
  site: { domain: 'example.com' },
  ad_slots: [{ id: '1', min_bid: 0.2, format: ['300x250'] }],
});

/** A rehearsed request has no key, and asks for nothing. */
const NO_STORE = {} as Store;

export async function rehearse(catalog: CatalogView): Promise<void> {
  const onError = (): void => {};
  const bus = await createEmbeddedBus({ partitions: 1, onError });
  const shared = {
    bus,
    store: NO_STORE,
    catalog,
    clock: systemClock,
    log: createLog('silent'),
    metrics: createMetrics(),
  };
  const gateway = createGateway({
    ...shared,
    slice: [0],
    loopback: true,
    adminKey: undefined,
    // Time enough for the slowest machine.
    tmaxDefaultMs: 2_000,
    waitingMax: ROUNDS,
    routes: {},
  });
  const stages = [
    gateway,
    createBidding({ ...shared, lookup: async () => ({ kind: 'found', profiles: new Map() }) }),
    createAuction({ ...shared, defaultFloorMicros: 0, detailSample: 1 }),
  ];
  for (const stage of stages) await stage.start();
  for (let round = 0; round < ROUNDS; round++) {
    const headers = { 'content-type': 'application/json', host: 'localhost' };
    const url = 'http://localhost/bid';
    await gateway.fetch(new Request(url, { method: 'POST', headers, body: BODY }));
  }
  for (const stage of stages) await stage.close();
  await bus.close();
}
