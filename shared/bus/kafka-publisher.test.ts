import { Buffer } from 'node:buffer';
import { createRequire } from 'node:module';
import type { Kafka, ProducerRecord } from 'kafkajs';
import { expect, test } from 'vitest';
import { createKafkaPublisher } from './kafka-publisher.ts';
import { TOPIC_NAMES, type TopicNames } from './kafka-topics.ts';
import { message } from './contract.ts';

const names = Object.fromEntries(TOPIC_NAMES.map((topic) => [topic, topic])) as TopicNames;

/** Each request is answered by hand. */
async function publisher() {
  const sent: { texts: string[]; acks: number; answer: PromiseWithResolvers<unknown> }[] = [];
  const producer = {
    connect: () => Promise.resolve(),
    send({ messages, acks = 0 }: ProducerRecord) {
      const answer = Promise.withResolvers<unknown>();
      sent.push({ texts: messages.map(({ value }) => String(value)), acks, answer });
      return answer.promise;
    },
  };
  const kafka = { producer: () => producer } as unknown as Kafka;
  return { publisher: await createKafkaPublisher(kafka, names, Date.now), sent };
}

const letter = (value: string) => ({ key: null, value: Buffer.from(value), headers: {} });

test('dead letters that come meanwhile go with the next request, in their order', async () => {
  const { publisher: to, sent } = await publisher();
  const kept = [to.deadLetter('live', letter('0'))];
  await expect.poll(() => sent.length).toBe(1);
  for (let n = 1; n < 500; n++) kept.push(to.deadLetter('live', letter(`${n}`)));
  sent[0]!.answer.resolve([{ partition: 0 }]);
  await expect.poll(() => sent.length).toBe(2);
  sent[1]!.answer.resolve([{ partition: 0 }]);
  await Promise.all(kept);
  expect(sent.flatMap(({ texts }) => texts)).toEqual(Array.from({ length: 500 }, (_, n) => `${n}`));
});

test('no more dead letters wait than there is room for', async () => {
  const { publisher: to, sent } = await publisher();
  const million = letter('x'.repeat(1_000_000));
  let refused = 0;
  const refuse = (): void => void refused++;
  for (let n = 0; n < 100; n++) to.deadLetter('live', million).catch(refuse);
  await expect.poll(() => sent.length).toBe(1);
  expect(refused).toBeGreaterThan(30);
  expect(refused).toBeLessThan(40);
});

test.each([
  ['MESSAGE_TOO_LARGE', 'misuse'],
  ['NOT_ENOUGH_REPLICAS', 'unavailable'],
])('publish() that Kafka refuses with %s rejects as %s', async (type, code) => {
  const { publisher: to, sent } = await publisher();
  const published = to.publish('auction_outcomes', [message('auction_outcomes', 0, 'a')], false);
  await expect.poll(() => sent.length).toBe(1);
  sent[0]!.answer.reject(Object.assign(new Error(type), { type }));
  await expect(published).rejects.toMatchObject({ name: 'BusError', code });
});

test('publish() of what was promised waits for all replicas, of other requests for the leader', async () => {
  const { publisher: to, sent } = await publisher();
  const request = [message('bid_requests', 0, 'a')];
  void to.publish('bid_requests', request, true);
  await expect.poll(() => sent.length).toBe(1);
  void to.publish('bid_requests', request, false);
  await expect.poll(() => sent.length).toBe(2);
  expect(sent.map(({ acks }) => acks)).toEqual([-1, 1]);
});

const load = createRequire(import.meta.url);

test('publish() sends what its leader refused to the next one, which has answered for others', async () => {
  const sendMessages = load('kafkajs/src/producer/sendMessages') as (
    about: object,
  ) => (order: object) => Promise<unknown>;
  let leaders = [0, 1];
  const seen: string[] = [];
  const brokers = leaders.map((nodeId) => ({
    nodeId,
    async produce({ topicData }: { topicData: { partitions: { partition: number }[] }[] }) {
      const partitions = topicData.flatMap((topic) => topic.partitions);
      if (partitions.some(({ partition }) => leaders[partition] !== nodeId)) {
        throw Object.assign(new Error('moved'), { type: 'NOT_LEADER_FOR_PARTITION' });
      }
      for (const { partition } of partitions) seen.push(`${partition} at ${nodeId}`);
      return { topics: [{ topicName: 'auction_outcomes', partitions }] };
    },
  }));
  // As the client knows them.
  let known = leaders;
  const cluster = {
    addMultipleTargetTopics: async () => {},
    refreshMetadataIfNecessary: async () => {},
    refreshMetadata: () => Promise.resolve(known = leaders),
    isConnected: () => true,
    findTopicPartitionMetadata: () => [0, 1],
    findLeaderForPartitions: (_: string, wanted: string[]) =>
      Object.groupBy(wanted.map(Number), (partition) => known[partition]!),
    findBroker: ({ nodeId }: { nodeId: string }) => Promise.resolve(brokers[Number(nodeId)]),
  };
  const send = sendMessages({
    cluster,
    logger: { debug() {}, error() {} },
    partitioner: ({ message: { partition } }: { message: { partition: number } }) => partition,
    eosManager: {
      acquireBrokerLock: async () => {},
      releaseBrokerLock: async () => {},
      isTransactional: () => false,
      getSequence: () => 0,
      updateSequence() {},
      getProducerId: () => -1,
      getProducerEpoch: () => 0,
    },
    retrier: (load('kafkajs/src/retry') as (about: object) => unknown)({ initialRetryTime: 1 }),
  });
  const producer = {
    connect: () => Promise.resolve(),
    send: ({ topic, messages, acks }: ProducerRecord) =>
      send({ acks, topicMessages: [{ topic, messages }] }),
  };
  const kafka = { producer: () => producer } as unknown as Kafka;
  const to = await createKafkaPublisher(kafka, names, Date.now);
  leaders = [1, 1];
  await to.publish(
    'auction_outcomes',
    [message('auction_outcomes', 0, 'a'), message('auction_outcomes', 1, 'b')],
    false,
  );
  expect(seen.sort()).toEqual(['0 at 1', '1 at 1']);
});
