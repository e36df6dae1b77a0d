/** A topic that is deleted and made again while it is read: its offsets begin at 0 once more. */
import { createRequire } from 'node:module';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startedKafka } from '../../scripts/engines/started.ts';
import type { Bus } from './bus.ts';
import { idOf, message } from './contract.ts';
import { createKafkaBus } from './kafka.ts';
import { createKafkaClient } from './kafka-client.ts';
import { topicConfigs, type TopicNames } from './kafka-topics.ts';
import { freshTopics } from './test-topics.ts';

const load = createRequire(import.meta.url);
const { prototype: broker } = load('kafkajs/src/broker') as {
  prototype: Record<'fetch' | 'joinGroup', (request: object) => Promise<unknown>>;
};
const { KafkaJSNoBrokerAvailableError } = load('kafkajs/src/errors') as {
  KafkaJSNoBrokerAvailableError: new () => Error;
};
const { fetch, joinGroup } = broker;

const brokers = startedKafka();
const client = createKafkaClient({ brokers, clientId: 'tests', retries: 5, onNote: () => {} });
let names: TopicNames;
let bus: Bus;
let seen: string[];
beforeEach(async () => {
  seen = [];
  names = await freshTopics(client, 1);
  bus = await createKafkaBus({ brokers, names, clientId: 'anew', onError() {} });
});
afterEach(async () => {
  Object.assign(broker, { fetch, joinGroup });
  await bus.close();
});

const readers = [
  ['slice', { as: 'slice', partitions: [0], from: 'end' }],
  ['group', { as: 'group', group: 'g', from: 'end' }],
] as const;

test.each(readers)('a %s that reads on begins with it', async (_, how) => {
  const { gate, waits } = gated('fetch');
  await bus.read(how, { auction_outcomes: (batch) => void seen.push(...batch.map(idOf)) });
  await publish(20, 'old');
  gate.close();
  await waits();
  await makeAnew();
  await publish(5, 'new');
  gate.open();
  await expect.poll(() => seen).toEqual([0, 1, 2, 3, 4].map((n) => `new${n}`));
});

test.each(readers)('a %s that joins again begins with it', async (_, how) => {
  await bus.read(how, { auction_outcomes: (batch) => void seen.push(...batch.map(idOf)) });
  await publish(20, 'old');
  const { gate, waits } = gated('joinGroup');
  gate.close();
  broker.fetch = () => {
    broker.fetch = fetch;
    return Promise.reject(new KafkaJSNoBrokerAvailableError());
  };
  await waits();
  await makeAnew();
  await publish(5, 'new');
  gate.open();
  await expect.poll(() => seen).toEqual([0, 1, 2, 3, 4].map((n) => `new${n}`));
});

test('a group that has stored a position in it meanwhile goes on there', async () => {
  const moved = Promise.withResolvers<void>();
  let asked = false;
  const reader = await bus.read({ as: 'group', group: 'g', from: 'end' }, {
    auction_outcomes: (batch) => void seen.push(...batch.map(idOf)),
  });
  await publish(20, 'old');
  // It joins its group again when it hears of another leader.
  broker.fetch = async () => {
    asked = true;
    await moved.promise;
    broker.fetch = fetch;
    throw Object.assign(new Error('Moved'), { type: 'NOT_LEADER_FOR_PARTITION' });
  };
  await expect.poll(() => asked).toBe(true);
  await makeAnew();
  await publish(5, 'new');
  reader.commit('auction_outcomes', 0, 1);
  await reader.flush();
  moved.resolve();
  await expect.poll(() => seen).toEqual([1, 2, 3, 4].map((n) => `new${n}`));
});

test('a position behind the end of a topic that lost records is its end', async () => {
  await publish(5, 'kept');
  const admin = client.admin();
  await admin.connect();
  const topic = names.auction_outcomes;
  const partitions = [{ partition: 0, offset: '1000' }];
  await admin.setOffsets({ groupId: `g.${topic}`, topic, partitions });
  await admin.disconnect();
  await bus.read({ as: 'group', group: 'g', from: 'start' }, {
    auction_outcomes: (batch) => void seen.push(...batch.map(idOf)),
  });
  await publish(1, 'new');
  await expect.poll(() => seen).toEqual(['new0']);
});

/** All of them are read: what was read first is forgotten here. */
async function publish(count: number, name: string): Promise<void> {
  for (let n = 0; n < count; n++) {
    await bus.publish('auction_outcomes', [message('auction_outcomes', 0, `${name}${n}`)]);
  }
  if (name !== 'old') return;
  await expect.poll(() => seen.length).toBe(count);
  seen = [];
}

async function makeAnew(): Promise<void> {
  const admin = client.admin();
  await admin.connect();
  await admin.deleteTopics({ topics: [names.auction_outcomes] });
  const topics = topicConfigs(names, { partitions: 1, replication: 1 }, ['auction_outcomes'])
    .slice(0, 1);
  const make = () => admin.createTopics({ topics, waitForLeaders: false });
  await expect.poll(() => make().catch(() => false)).toBe(true);
  await admin.disconnect();
}

/** Requests of this kind wait while the gate is closed. */
function gated(kind: 'fetch' | 'joinGroup') {
  const original = broker[kind];
  let closed: PromiseWithResolvers<void> | undefined;
  let waiting = false;
  broker[kind] = async function (request) {
    waiting = closed !== undefined;
    await closed?.promise;
    return await original.call(this, request);
  };
  return {
    gate: { close: () => closed = Promise.withResolvers(), open: () => closed?.resolve() },
    waits: () => expect.poll(() => waiting).toBe(true),
  };
}
