/**
 * Has requests wait: at a gateway for their outcome, at an auction for the ledger. Prints how many of
 * them are in memory then. `control` holds them.
 */
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { createAuction } from '../services/auction/app.ts';
import { createGateway } from '../services/gateway/app.ts';
import type { Bus, Handlers, Outgoing, Reader } from '#shared/bus/bus.ts';
import { createEmbeddedBus } from '#shared/bus/embedded.ts';
import { followCatalog } from '#shared/catalog-view.ts';
import { createLog } from '#shared/log.ts';
import { createMetrics } from '#shared/metrics.ts';
import type { BidRequestMessage, TopicName } from '#shared/model/events.ts';
import { createSqliteStore } from '#shared/store/sqlite.ts';

const COUNT = 20;
const TEXT = JSON.stringify({
  id: 'r',
  imp: [{ id: '1', banner: { w: 300, h: 250 } }],
  site: { id: 's' },
  tmax: 5_000,
});
const ACTIVE = { name: 'N', active: true };

const { gc } = globalThis as unknown as { gc(options: { type: 'major' }): void };
const fail = (error: unknown): never => {
  throw error;
};
const bus = await createEmbeddedBus({ partitions: 1, onError: fail });
const catalog = await followCatalog(bus, fail);
await catalog.publish([
  { v: 1, at: 0, actor: 't', kind: 'bidder', id: 'b', value: { ...ACTIVE, id: 'b', group: 'g' } },
  {
    v: 1,
    at: 0,
    actor: 't',
    kind: 'publisher',
    id: 'p',
    value: { ...ACTIVE, id: 'p', demo: true },
  },
]);
const common = {
  catalog,
  clock: { now: () => Date.now() },
  log: createLog('silent'),
};
const held: unknown[] = [];

/** A bus that takes everything and gives nothing. */
function deadEnd(
  taken: (topic: TopicName, records: readonly Outgoing<TopicName>[]) => Promise<void>,
  read: (handlers: Handlers) => void = () => {},
): Bus {
  const reader = { commit() {}, flush: () => Promise.resolve(), close: () => Promise.resolve() };
  return {
    partitions: 1,
    publish: taken,
    read: (_options: unknown, handlers: Handlers) => {
      read(handlers);
      return Promise.resolve(reader as unknown as Reader);
    },
  } as unknown as Bus;
}

async function alive(requests: readonly WeakRef<object>[]): Promise<number> {
  for (let times = 0; times < 3; times++) {
    await sleep(5);
    gc({ type: 'major' });
  }
  return requests.filter((request) => request.deref()).length;
}

const messages: BidRequestMessage[] = [];
const atGateway: WeakRef<object>[] = [];
const gateway = createGateway({
  ...common,
  metrics: createMetrics(),
  bus: deadEnd((topic, records) => {
    for (const { value } of topic === 'bid_requests' ? records : []) {
      const message = value as BidRequestMessage;
      atGateway.push(new WeakRef(message.request));
      messages.push(structuredClone(message));
      if (process.argv.includes('control')) held.push(message);
    }
    return Promise.resolve();
  }),
  store: await createSqliteStore({ path: ':memory:' }),
  slice: [0],
  loopback: true,
  adminKey: undefined,
  tmaxDefaultMs: 5_000,
  waitingMax: 100,
  routes: {},
});
await gateway.start();
for (let n = 0; n < COUNT; n++) {
  const headers = new Headers({ host: 'localhost', 'content-type': 'application/json' });
  if (n % 2 === 0) headers.set('idempotency-key', `key-${n}`);
  const request = new Request('http://localhost/openrtb2/auction', {
    method: 'POST',
    headers,
    body: TEXT,
  });
  const answer = Promise.resolve(gateway.fetch(request));
  void answer.then(async (early) => fail(new Error(await early.text())));
}
while (messages.length < COUNT) await sleep(5);
const gatewayKeeps = await alive(atGateway);

const handlers: Handlers = {};
let closed = 0;
const auction = createAuction({
  ...common,
  metrics: createMetrics(),
  bus: deadEnd(
    (topic, records) => {
      if (topic === 'auction_outcomes') closed += records.length;
      return new Promise<void>(() => {});
    },
    (given) => Object.assign(handlers, given),
  ),
  defaultFloorMicros: 0,
  detailSample: 1,
});
await auction.start();
const atAuction = messages.map(({ request }) => new WeakRef<object>(request));
if (process.argv.includes('control')) held.push(...messages);
/** A function of its own, so that nothing of this module names the last one. */
function closeAll(): void {
  for (const [offset, value] of messages.splice(0).entries()) {
    handlers.bid_requests!([{ partition: 0, offset, value: { ...value, groups: [] } }]);
  }
}
closeAll();
if (closed < COUNT) throw new Error(`${closed} auctions closed`);
const auctionKeeps = await alive(atAuction);

console.log(`${gatewayKeeps} at the gateway, ${auctionKeeps} at the auction, ${held.length} held`);
process.exit(0);
