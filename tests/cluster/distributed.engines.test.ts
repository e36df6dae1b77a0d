/**
 * Whole clusters on a real Kafka and Redis, under load, while members join, leave and die; and the
 * invariants afterwards. Faults that take minutes: `npm run test:chaos -- --cluster`.
 */
import { randomUUID } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { startedKafka, startedRedis } from '../../scripts/engines/started.ts';
import { checkInvariants } from './check-invariants.ts';
import { TestCluster } from './cluster.ts';
import { Load } from './load.ts';
import { poison } from './poison.ts';

const PER_SECOND = 30;
/** ms; a minute on an idle machine: processes start cold, and a killed member is missed for 10 s. */
const timeout = 360_000;

let cluster: TestCluster;
let load: Load;
afterEach(async () => {
  await load?.stop();
  await cluster?.stop();
});

async function start(fused: boolean): Promise<void> {
  cluster = await TestCluster.start({
    brokers: startedKafka(),
    redisUrl: startedRedis(),
    fused,
  });
  load = new Load({
    doors: cluster.doors,
    random: Math.random,
    run: randomUUID().slice(0, 8),
  });
}

async function expectInvariants(): Promise<Record<string, number>> {
  const { violations, counts } = await checkInvariants({
    ...load,
    ...cluster,
    processes: cluster.processes,
  });
  expect(violations, `${JSON.stringify(counts)}\n${cluster.output()}`).toEqual([]);
  return counts;
}

test(
  'a distributed exchange keeps its invariants while members leave, join, are poisoned and die',
  { timeout },
  async () => {
    await start(false);
    await load.run(100, PER_SECOND);
    load.start(PER_SECOND);
    for (const partition of [0, 1, 2, 3]) await poison(cluster.brokers, cluster.names, partition);
    await Promise.all([cluster.leave('bidding-1'), cluster.leave('analytics-2')]);
    cluster.join('analytics-2');
    await cluster.kill('auction-2');
    cluster.join('bidding-1');
    await cluster.ready();
    await load.stop();
    // Behind the poison, in every partition.
    await load.run(100, PER_SECOND);
    const { filled, accepted } = await expectInvariants();
    expect(filled).toBeGreaterThan(0);
    expect(accepted).toBeGreaterThan(0);
  },
);

test('fused nodes keep the invariants when one is killed', { timeout }, async () => {
  await start(true);
  await load.run(100, PER_SECOND);
  load.start(PER_SECOND);
  await cluster.kill('node-2');
  await cluster.ready();
  await load.stop();
  await load.run(100, PER_SECOND);
  const { filled } = await expectInvariants();
  expect(filled).toBeGreaterThan(0);
});
