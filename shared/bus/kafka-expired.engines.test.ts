/** Readers that were away for longer than their records are kept. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startedKafka } from '../../scripts/engines/started.ts';
import type { Bus, Reader, Received } from './bus.ts';
import { idOf, message } from './contract.ts';
import { createKafkaBus } from './kafka.ts';
import { createKafkaClient } from './kafka-client.ts';
import type { TopicNames } from './kafka-topics.ts';
import { freshTopics } from './test-topics.ts';

const brokers = startedKafka();
const client = createKafkaClient({ brokers, clientId: 'tests', retries: 5, onNote: () => {} });
const admin = client.admin();
beforeAll(() => admin.connect());
afterAll(() => admin.disconnect());

const failures: unknown[] = [];
let names: TopicNames;
let bus: Bus;
let seen: string[];
beforeEach(async () => {
  seen = [];
  names = await freshTopics(client, 2);
  const onError = (error: unknown): void => void failures.push(error);
  bus = await createKafkaBus({ brokers, names, clientId: 'expired', onError });
  for (let n = 0; n < 10; n++) {
    await bus.publish('auction_outcomes', [message('auction_outcomes', 1, `a${n}`)]);
  }
});
afterEach(async () => {
  await bus.close();
  expect(failures.splice(0)).toEqual([]);
});

async function expireBelow(offset: number): Promise<void> {
  const topic = names.auction_outcomes;
  await admin.fetchTopicMetadata({ topics: [topic] });
  await admin.deleteTopicRecords({ topic, partitions: [{ partition: 1, offset: `${offset}` }] });
}

const handlers = {
  auction_outcomes: (batch: readonly Received<'auction_outcomes'>[]) =>
    void seen.push(...batch.map(idOf)),
};

function readGroup(from: 'start' | 'end'): Promise<Reader> {
  return bus.read({ as: 'group', group: 'g', from }, handlers);
}

describe('what has expired is passed over, and what is left is read,', () => {
  test.each(['start', 'end'] as const)('by a group that began at the %s', async (from) => {
    const before = await readGroup(from);
    before.commit('auction_outcomes', 1, 6);
    await before.flush();
    await before.close();
    seen = [];
    await expireBelow(8);
    const after = await readGroup(from);
    await after.caughtUp;
    expect(seen).toEqual(['a8', 'a9']);
  });

  test('by a group that is told to begin before', async () => {
    await expireBelow(8);
    const group = await bus.read({
      as: 'group',
      group: 'g',
      from: 'end',
      assigned: (share) => share.startAt('auction_outcomes', 1, 3),
    }, handlers);
    await group.caughtUp;
    expect(seen).toEqual(['a8', 'a9']);
  });

  test('by a slice that begins before', async () => {
    await expireBelow(8);
    const from = new Map([[1, 3]]);
    const slice = await bus.read({ as: 'slice', partitions: [1], from }, handlers);
    await slice.caughtUp;
    expect(seen).toEqual(['a8', 'a9']);
  });

  test('and where nothing is left there is nothing to wait for', async () => {
    await expireBelow(10);
    const from = new Map([[1, 3]]);
    const slice = await bus.read({ as: 'slice', partitions: [1], from }, handlers);
    await slice.caughtUp;
    expect(seen).toEqual([]);
  });
});
