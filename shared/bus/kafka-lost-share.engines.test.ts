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
  prototype: Record<Name, (request: Request) => Promise<unknown>>;
};
type Name = 'syncGroup' | 'joinGroup' | 'heartbeat' | 'fetch';
type Request = { groupId: string; memberId: string };
const { KafkaJSRequestTimeoutError, KafkaJSProtocolError } = load('kafkajs/src/errors') as Record<
  'KafkaJSRequestTimeoutError' | 'KafkaJSProtocolError',
  new (about: string | object, details?: object) => Error
>;
const { syncGroup, joinGroup, heartbeat, fetch } = Broker.prototype;

const buses: Bus[] = [];
afterEach(async () => {
  Object.assign(Broker.prototype, { syncGroup, joinGroup, heartbeat, fetch });
  await Promise.all(buses.splice(0).map((bus) => bus.close()));
});

test.each([
  ['by a heartbeat', () => {}],
  ['by a broker that leads a partition no longer', loseLeader],
])('a member that was told %s and missed its share joins again', async (_, tell) => {
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
  const first = await read(0);
  await bus.publish('auction_outcomes', [message('auction_outcomes', 0, 'before')]);
  await expect.poll(() => seen.splice(0)).toEqual(['before']);
  first.commit('auction_outcomes', 0, 1);
  await first.flush();
  partitionsOf[0]!.clear();
  loseNextShare();
  tell();
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

/** Of the member that is there already, when another comes: Kafka gets its request, the answer is lost. */
function loseNextShare(): void {
  let isLost = false;
  Broker.prototype.syncGroup = async function (request) {
    const answer = await syncGroup.call(this, request);
    if (!isLost && request.groupId.startsWith('g.')) {
      isLost = true;
      throw new KafkaJSRequestTimeoutError('Request SyncGroup timed out', {});
    }
    return answer;
  };
}

/** Once the other member is joining it is what ends the next fetch, before any heartbeat. */
function loseLeader(): void {
  let isJoining = false;
  Broker.prototype.joinGroup = async function (request) {
    isJoining ||= request.groupId.startsWith('g.');
    return await joinGroup.call(this, request);
  };
  Broker.prototype.heartbeat = async function (request) {
    return isJoining ? undefined : await heartbeat.call(this, request);
  };
  Broker.prototype.fetch = async function (request) {
    if (!isJoining) return await fetch.call(this, request);
    Object.assign(Broker.prototype, { heartbeat, fetch });
    const type = 'NOT_LEADER_FOR_PARTITION';
    throw new KafkaJSProtocolError({ message: 'Not the leader', type, retriable: true });
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
