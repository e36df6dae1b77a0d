import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { startedKafka } from '../../scripts/engines/started.ts';
import { createMetrics } from '../metrics.ts';
import { message } from './contract.ts';
import { createKafkaBus } from './kafka.ts';
import { openKafkaAdmin } from './kafka-admin.ts';
import { tellLag } from './kafka-lag.ts';
import { TOPIC_NAMES, type TopicNames } from './kafka-topics.ts';

const brokers = startedKafka();

test('tellLag() tells what a group has still to read, by our names of the topics', async () => {
  const prefix = randomUUID().slice(0, 8);
  const names = Object.fromEntries(
    TOPIC_NAMES.map((topic) => [topic, `${prefix}.${topic}`]),
  ) as TopicNames;
  const admin = await openKafkaAdmin(brokers);
  await admin.create(names, { partitions: 2, replication: 1 });
  await admin.close();
  const bus = await createKafkaBus({ brokers, names, clientId: 'lag', onError: () => {} });
  const group = `reader-${prefix}`;
  const metrics = createMetrics();
  const reader = await bus.read({ as: 'group', group, from: 'start' }, { bid_requests: () => {} });
  const records = Array.from({ length: 5 }, (_, index) => message('bid_requests', 0, `a${index}`));
  await bus.publish('bid_requests', records);
  // Refused while shares change, as they may once more just after the start.
  const store = (): Promise<unknown> => {
    reader.commit('bid_requests', 0, 2);
    return reader.flush().then(() => 'stored', String);
  };
  await expect.poll(store, { timeout: 15_000 }).toBe('stored');

  const lag = tellLag(brokers, names, metrics);
  const wanted = `helios_group_lag_records{group="${group}",topic="bid_requests"} 3`;
  let text = '';
  for (let tries = 0; !text.includes(wanted) && tries < 100; tries++) {
    await sleep(50);
    text = (await metrics.render()).text;
  }
  expect(text).toContain(wanted);
  expect(text).toContain(`helios_group_members{group="${group}",topic="bid_requests"} 1`);
  await lag.close();
  await bus.close();
});
