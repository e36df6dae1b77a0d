/** A consumer that crashes when no broker is left, and so cannot say that it goes. */
import { createRequire } from 'node:module';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startedKafka } from '../../scripts/engines/started.ts';
import type { Bus } from './bus.ts';
import { idOf, message } from './contract.ts';
import { createKafkaBus } from './kafka.ts';
import { createKafkaClient } from './kafka-client.ts';
import { freshTopics } from './test-topics.ts';

const load = createRequire(import.meta.url);
const Broker = load('kafkajs/src/broker') as { prototype: Record<Name, Call> };
const { prototype: cluster } = load('kafkajs/src/cluster') as {
  prototype: { disconnect(): Promise<void> };
};
type Name = 'joinGroup' | 'syncGroup' | 'fetch' | 'leaveGroup';
type Call = (request: { groupId: string; memberId: string }) => Promise<unknown>;
const { KafkaJSNoBrokerAvailableError, KafkaJSConnectionClosedError } = load(
  'kafkajs/src/errors',
) as Record<
  'KafkaJSNoBrokerAvailableError' | 'KafkaJSConnectionClosedError',
  new (message?: string) => Error
>;
const { joinGroup, syncGroup, fetch, leaveGroup } = Broker.prototype;
const { disconnect } = cluster;

/** In which kafkajs would have begun it again. */
const AGAIN_MS = 1_500;

const brokers = startedKafka();
const client = createKafkaClient({ brokers, clientId: 'tests', retries: 5, onNote: () => {} });
let bus: Bus;
/** As whom each share was asked for. */
let members: string[];
beforeEach(async () => {
  members = [];
  const names = await freshTopics(client, 2);
  bus = await createKafkaBus({ brokers, names, clientId: 'crashed', onError() {} });
  Broker.prototype.syncGroup = function (request) {
    members.push(request.memberId);
    return syncGroup.call(this, request);
  };
});
afterEach(async () => {
  Object.assign(Broker.prototype, { joinGroup, syncGroup, fetch, leaveGroup });
  cluster.disconnect = disconnect;
  await bus.close();
});

/** The next fetch finds no broker, and none is there to be told of it. */
function crash(): void {
  Broker.prototype.leaveGroup = () => Promise.reject(new KafkaJSConnectionClosedError('Closed'));
  Broker.prototype.fetch = () => {
    Broker.prototype.fetch = fetch;
    return Promise.reject(new KafkaJSNoBrokerAvailableError());
  };
}

test.each(
  [
    ['slice', { as: 'slice', partitions: [1], from: 'end' }],
    ['group', { as: 'group', group: 'g', from: 'end' }],
  ] as const,
)('a %s comes back as the member it was, and goes on where it was', async (_, how) => {
  const seen: string[] = [];
  await bus.read(how, { auction_outcomes: (batch) => void seen.push(...batch.map(idOf)) });
  await bus.publish('auction_outcomes', [message('auction_outcomes', 1, 'before')]);
  await expect.poll(() => seen).toEqual(['before']);
  const [before] = members.splice(0).slice(-1);
  crash();
  await expect.poll(() => members.length).toBe(1);
  await bus.publish('auction_outcomes', [message('auction_outcomes', 1, 'after')]);
  await expect.poll(() => seen).toEqual(['before', 'after']);
  expect(members).toEqual([before]);
});

test('a reader that is closed while its consumer crashes is not begun again', async () => {
  const reader = await bus.read({ as: 'group', group: 'g', from: 'end' }, {
    auction_outcomes() {},
  });
  const joined = members.splice(0).length;
  expect(joined).toBeGreaterThan(0);
  const closed = new Promise<void>((resolve) => {
    cluster.disconnect = async function () {
      cluster.disconnect = disconnect;
      await disconnect.call(this);
      await reader.close();
      resolve();
    };
  });
  crash();
  await closed;
  await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  expect(members).toEqual([]);
});

test('check() rejects while a slice is not read, and tells of which topic', async () => {
  await bus.read({ as: 'slice', partitions: [1], from: 'end' }, { auction_outcomes() {} });
  await bus.check();
  const join = crashAndJoin();
  const check = () => bus.check().then(() => 'fine', ({ message }: Error) => message);
  await expect.poll(check).toMatch(/Kafka answers, but .*auction_outcomes is not read here/);
  join.go();
  await expect.poll(check).toBe('fine');
});

test('check() resolves while the configuration is not read for a moment', async () => {
  await bus.read({ as: 'all', from: 'start' }, { config_changes() {} });
  const join = crashAndJoin();
  await join.begun;
  await bus.check();
  join.go();
});

/** It joins again when told to go. */
function crashAndJoin(): { begun: Promise<void>; go(): void } {
  const begun = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  Broker.prototype.joinGroup = async function (request) {
    begun.resolve();
    await gate.promise;
    return await joinGroup.call(this, request);
  };
  crash();
  return { begun: begun.promise, go: gate.resolve };
}

test('a handler that was far behind catches up meanwhile, and goes on with the next share', async () => {
  const gate = Promise.withResolvers<void>();
  let seen = 0;
  await bus.read({ as: 'group', group: 'g', from: 'start' }, {
    ad_events(batch) {
      seen += batch.length;
      return gate.promise;
    },
    auction_outcomes() {},
  });
  const publish = (count: number) =>
    bus.publish('ad_events', Array.from({ length: count }, () => message('ad_events', 0, 'a')));
  const waiting = () => bus.depths().find(({ topic }) => topic === 'ad_events')!.waiting;
  await publish(1);
  await expect.poll(() => seen).toBe(1);
  await publish(12_000);
  await expect.poll(waiting).toBeGreaterThan(10_000);
  const caughtUp = new Promise<void>((resolve) => {
    // The consumer has ended, and does not begin again before this.
    cluster.disconnect = async function () {
      cluster.disconnect = disconnect;
      gate.resolve();
      await expect.poll(waiting).toBe(0);
      resolve();
      await disconnect.call(this);
    };
  });
  crash();
  await caughtUp;
  await publish(1);
  await expect.poll(() => seen).toBe(12_002);
});
