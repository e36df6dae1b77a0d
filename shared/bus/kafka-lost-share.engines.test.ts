/** A member whose broker falls silent in the middle of a rebalance. */
import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { afterEach, expect, test } from 'vitest';
import { startedKafka } from '../../scripts/engines/started.ts';
import type { Bus } from './bus.ts';
import { idOf, message } from './contract.ts';
import { createKafkaBus } from './kafka.ts';
import { openKafkaAdmin } from './kafka-admin.ts';
import { TOPIC_NAMES, type TopicNames } from './kafka-topics.ts';

const load = createRequire(import.meta.url);
const Broker = load('kafkajs/src/broker') as {
  prototype: { syncGroup(request: { memberId: string }): Promise<unknown> };
};
const { KafkaJSRequestTimeoutError } = load('kafkajs/src/errors') as {
  KafkaJSRequestTimeoutError: new (text: string, details: object) => Error;
};
const { syncGroup } = Broker.prototype;

const buses: Bus[] = [];
afterEach(async () => {
  Broker.prototype.syncGroup = syncGroup;
  await Promise.all(buses.splice(0).map((bus) => bus.close()));
});

test('a member that missed its share joins again, and every partition is read by one', async () => {
  const names = await freshTopics(4);
  const bus = await open(names);
  const seen: string[] = [];
  const partitionsOf = [new Set<number>(), new Set<number>()];
  const read = async (member: number) =>
    await (await open(names)).read({ as: 'group', group: 'g', from: 'start' }, {
      auction_outcomes(batch) {
        for (const record of batch) {
          seen.push(idOf(record));
          partitionsOf[member]!.add(record.partition);
        }
      },
    });
  loseSecondShare();
  const first = await read(0);
  const second = await read(1);
  await expect.poll(() => [...first.partitions, ...second.partitions].sort(), { timeout: 30_000 })
    .toEqual([0, 1, 2, 3]);
  for (const partition of [0, 1, 2, 3]) {
    await bus.publish('auction_outcomes', [
      message('auction_outcomes', partition, `a${partition}`),
    ]);
  }
  await expect.poll(() => seen.toSorted()).toEqual(['a0', 'a1', 'a2', 'a3']);
  expect(partitionsOf.map(({ size }) => size)).toEqual([2, 2]);
  for (const { partitions, commit, flush } of [first, second].map(bound)) {
    for (const partition of partitions) commit('auction_outcomes', partition, 1);
    await flush();
  }
});

function bound(reader: Awaited<ReturnType<Bus['read']>>) {
  return {
    partitions: reader.partitions,
    commit: reader.commit.bind(reader),
    flush: reader.flush.bind(reader),
  };
}

/** Of the first member, when the second one comes: Kafka gets its request, the answer is lost. */
function loseSecondShare(): void {
  const shares: string[] = [];
  Broker.prototype.syncGroup = async function (request) {
    const answer = await syncGroup.call(this, request);
    shares.push(request.memberId);
    const isLost = request.memberId === shares[0] &&
      shares.filter((member) => member === shares[0]).length === 2;
    if (isLost) throw new KafkaJSRequestTimeoutError('Request SyncGroup timed out', {});
    return answer;
  };
}

async function open(names: TopicNames): Promise<Bus> {
  const bus = await createKafkaBus({
    brokers: startedKafka(),
    names,
    clientId: 'lost-share',
    sessionMs: 3_000,
    onError() {},
  });
  buses.push(bus);
  return bus;
}

async function freshTopics(partitions: number): Promise<TopicNames> {
  const prefix = randomUUID().slice(0, 8);
  const names = Object.fromEntries(TOPIC_NAMES.map((topic) => [topic, `${prefix}.${topic}`]));
  const admin = await openKafkaAdmin(startedKafka());
  const make = () => admin.create(names as TopicNames, { partitions, replication: 1 });
  // A topic that was just made has no leader for a moment.
  await expect.poll(() => make().then(() => true, () => false)).toBe(true);
  await admin.close();
  return names as TopicNames;
}
