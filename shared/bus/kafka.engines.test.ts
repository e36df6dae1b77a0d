import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startedKafka } from '../../scripts/engines/started.ts';
import type { Bus } from './bus.ts';
import { describeBus, idOf, message } from './contract.ts';
import { createKafkaBus } from './kafka.ts';
import { createKafkaClient } from './kafka-client.ts';
import { TOPIC_NAMES, type TopicNames } from './kafka-topics.ts';
import { freshTopics } from './test-topics.ts';

const brokers = startedKafka();
const client = createKafkaClient({ brokers, clientId: 'tests', retries: 5, onNote: () => {} });
const admin = client.admin();
const producer = client.producer();
beforeAll(() => Promise.all([admin.connect(), producer.connect()]));
afterAll(() => Promise.all([admin.disconnect(), producer.disconnect()]));

const failures: unknown[] = [];

function openBus(names: TopicNames): Promise<Bus> {
  return createKafkaBus({
    brokers,
    names,
    clientId: 'contract',
    sessionMs: 3_000,
    onError: (error) => failures.push(error),
  });
}

describeBus('the Kafka bus', async (partitions) => {
  const names = await freshTopics(client, partitions);
  const buses = [await openBus(names)];
  return {
    bus: buses[0]!,
    async reopen() {
      await buses.at(-1)!.close();
      const bus = await openBus(names);
      buses.push(bus);
      return bus;
    },
    async dispose() {
      await Promise.all(buses.map((bus) => bus.close()));
      expect(failures.splice(0)).toEqual([]);
    },
  };
});

describe('createKafkaBus()', () => {
  test.each([2_000, -2_000])(
    'reads deadlines of a clock %d ms ahead in its own time',
    async (aheadMs) => {
      const bus = await openBus(await freshTopics(client, 2));
      const seen: { issuedAt: number; deadline: number; receivedAt: number }[] = [];
      await bus.read({ as: 'group', group: 'g', from: 'start' }, {
        bid_requests: (batch) => void seen.push(...batch.map(({ value }) => value)),
      });
      const sent: number[] = [];
      const send = async (): Promise<void> => {
        const now = Date.now();
        const { partition, value } = message('bid_requests', 1, `a-${sent.length}`);
        const times = {
          issuedAt: now + aheadMs,
          deadline: now + aheadMs + 60_000,
          receivedAt: now + aheadMs,
        };
        sent.push(now);
        await bus.publish('bid_requests', [{
          partition,
          value: { ...(value as object), ...times } as never,
        }]);
      };
      // One that is behind is believed after some looks.
      for (let n = 0; n < 20; n++) {
        await send();
        await expect.poll(() => seen.length).toBe(sent.length);
      }
      // What the last one was under way is not known: it is what the youngest was, or longer.
      expect(Math.abs(seen.at(-1)!.issuedAt - sent.at(-1)!)).toBeLessThan(1_000);
      expect(Math.abs(seen.at(-1)!.deadline - 60_000 - sent.at(-1)!)).toBeLessThan(1_000);
      expect(Math.abs(seen.at(-1)!.receivedAt - sent.at(-1)!)).toBeLessThan(1_000);
      await bus.close();
    },
  );

  test('puts aside what cannot be read, says why, and goes on', async () => {
    const names = await freshTopics(client, 2);
    const faults: string[] = [];
    const bus = await createKafkaBus({
      brokers,
      names,
      clientId: 'poison',
      onError: (error) => failures.push(error),
      onDeadLetter: (topic, fault) => faults.push(`${topic}: ${fault}`),
    });
    const seen: string[] = [];
    await bus.read({ as: 'group', group: 'g', from: 'start' }, {
      bid_requests: (batch) => void seen.push(...batch.map(idOf)),
    });
    const poison = ['{', '[]', '{"v":2}', '{"v":1,"auctionId":"x"}', 'x'.repeat(10_000)];
    const messages = poison.map((value) => ({ partition: 1, key: 'k', value }));
    for (const one of messages) {
      await producer.send({ topic: names.bid_requests, messages: [one] });
    }
    await bus.publish('bid_requests', [message('bid_requests', 1, 'after')]);
    await expect.poll(() => seen).toEqual(['after']);
    expect(faults).toHaveLength(poison.length);
    expect(faults).toContain('bid_requests: v is 2, known is 1');
    const consumer = client.consumer({ groupId: randomUUID() });
    const kept: { value: string; offset: string; fault: string }[] = [];
    await consumer.connect();
    await consumer.subscribe({ topics: [`${names.bid_requests}.dlq`], fromBeginning: true });
    await consumer.run({
      eachMessage: ({ message: { value, headers } }) => {
        const text = (name: string) => String(headers?.[name]);
        kept.push({ value: String(value), offset: text('offset'), fault: text('fault') });
        return Promise.resolve();
      },
    });
    await expect.poll(() => kept.length).toBe(poison.length);
    expect(kept.map(({ value }) => value)).toEqual(poison);
    expect(kept.map(({ offset }) => offset)).toEqual(['0', '1', '2', '3', '4']);
    await consumer.disconnect();
    await bus.close();
    expect(failures.splice(0)).toEqual([]);
  });

  test('waits for a Kafka that went away before it was asked for all', async () => {
    const names = await freshTopics(client, 2);
    const Cluster = createRequire(import.meta.url)('kafkajs/src/cluster') as {
      prototype: { connect(): Promise<void> };
    };
    const { connect } = Cluster.prototype;
    const failAfter = (connections: number): void => {
      Cluster.prototype.connect = function () {
        if (connections-- > 0) return connect.call(this);
        Cluster.prototype.connect = connect;
        return Promise.reject(new Error('No broker answers'));
      };
    };
    failAfter(1);
    const bus = await openBus(names);
    failAfter(0);
    const seen: string[] = [];
    const reader = await bus.read({ as: 'group', group: 'g', from: 'start' }, {
      auction_outcomes: (batch) => void seen.push(...batch.map(idOf)),
    });
    expect(reader.partitions).toEqual([0, 1]);
    await bus.publish('auction_outcomes', [message('auction_outcomes', 1, 'a')]);
    await expect.poll(() => seen).toEqual(['a']);
    await bus.close();
    expect(failures.splice(0).map(String)).toEqual(['Error: No broker answers']);
  });

  test('refuses topics whose numbers of partitions differ, and names them', async () => {
    const names = await freshTopics(client, 2);
    const wide = { ...names, bid_responses: `${names.bid_responses}-wide` };
    await admin.createTopics({
      waitForLeaders: false,
      topics: [{ topic: wide.bid_responses, numPartitions: 3 }],
    });
    await expect(openBus(wide)).rejects.toThrow(
      `The auction topics must have the same number of partitions, and have: ${names.bid_requests} 2, ` +
        `${wide.bid_responses} 3`,
    );
  });

  test('waits for topics and says what is missing', async () => {
    const names = await freshTopics(client, 2);
    const later = { ...names, live: `${names.live}-later` };
    const reasons: string[] = [];
    const opening = createKafkaBus({
      brokers,
      names: later,
      clientId: 'early',
      onError: (error) => failures.push(error),
      onWait: (reason) => reasons.push(reason),
    });
    await expect.poll(() => reasons).toEqual([
      `Kafka has no topic ${later.live}: create them with npm run topics -- create`,
    ]);
    await admin.createTopics({
      waitForLeaders: false,
      topics: [{ topic: later.live, numPartitions: 1 }],
    });
    const bus = await opening;
    expect(bus.partitions).toBe(2);
    await bus.close();
  });

  test('waits for a broker until it is told to end', async () => {
    const stop = new AbortController();
    const reason = Promise.withResolvers<string>();
    const opening = createKafkaBus({
      brokers: ['127.0.0.1:1'],
      names: Object.fromEntries(TOPIC_NAMES.map((topic) => [topic, topic])) as TopicNames,
      clientId: 'alone',
      signal: stop.signal,
      onError: (error) => failures.push(error),
      onWait: reason.resolve,
    });
    expect(await reason.promise).toContain('Kafka at 127.0.0.1:1 is not ready');
    stop.abort();
    await expect(opening).rejects.toThrow('Cannot wait for Kafka: the bus is closed');
  });
});
