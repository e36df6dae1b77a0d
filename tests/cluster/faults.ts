/** What is done to a cluster under load, and what must hold afterwards is always the same. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningKafka } from '../../scripts/engines/kafka.ts';
import type { RunningRedis } from '../../scripts/engines/redis.ts';
import type { TestCluster } from './cluster.ts';
import type { Load } from './load.ts';
import { poison } from './poison.ts';

export interface Ground {
  cluster: TestCluster;
  load: Load;
  kafka: RunningKafka;
  redis: RunningRedis;
  /** From 0 up to 1; seeded, so that a run can be repeated. */
  random: () => number;
  /** Kills of each stage. */
  kills: number;
  /** The faults that take minutes take seconds. */
  fast: boolean;
}

export interface Fault {
  name: string;
  /** Of the Kafka it is for. */
  brokers: 1 | 3;
  /** Resolves to how often it was done. */
  run(ground: Ground): Promise<number>;
}

/** A kill comes at a random moment of this time after the last one was overcome. */
const MOMENT_MS = { least: 200, most: 2_000 };
/** Longer than the 10 s after which a silent member's partitions go to others. */
const ZOMBIE_MS = 15_000;
const BROKER_AWAY_MS = 3_000;
const ONE_OF_THREE_AWAY_MS = 15_000;
const REDIS_PAUSED_MS = 5_000;
const WAREHOUSE_AWAY_MS = { fast: 20_000, full: 120_000 };

const kill = (stage: string, names: readonly string[]): Fault => ({
  name: `kill -9 of ${stage}`,
  brokers: 1,
  async run({ cluster, random, kills }) {
    for (let n = 0; n < kills; n++) {
      await sleep(MOMENT_MS.least + random() * (MOMENT_MS.most - MOMENT_MS.least));
      const name = names[Math.floor(random() * names.length)]!;
      await cluster.kill(name);
      await cluster.back(name);
    }
    return kills;
  },
});

export const FAULTS: readonly Fault[] = [
  kill('a gateway', ['gateway-1', 'gateway-2']),
  kill('a bidder', ['bidding-1', 'bidding-2', 'bidding-3']),
  kill('an auction stage', ['auction-1', 'auction-2']),
  kill('profiles', ['profile-1']),
  kill('analytics', ['analytics-1', 'analytics-2']),
  kill('ClickHouse', ['clickhouse-1']),
  {
    name: 'an auction stage held still for 15 s',
    brokers: 1,
    async run({ cluster }) {
      await cluster.freeze('auction-1', true);
      await sleep(ZOMBIE_MS);
      await cluster.freeze('auction-1', false);
      return 1;
    },
  },
  {
    name: 'the one broker killed, away for 3 s',
    brokers: 1,
    async run({ kafka }) {
      await kafka.broker(0).kill();
      await sleep(BROKER_AWAY_MS);
      await kafka.broker(0).start();
      return 1;
    },
  },
  {
    name: 'Redis restarted empty',
    brokers: 1,
    async run({ redis, load }) {
      // What it is asked to remember for a minute is gone: a repetition is another auction then.
      load.keys = false;
      await redis.node(0).kill();
      await redis.node(0).start();
      return 1;
    },
  },
  {
    name: 'Redis held still for 5 s',
    brokers: 1,
    async run({ redis, load }) {
      load.keys = false;
      await redis.node(0).kill('SIGSTOP');
      await sleep(REDIS_PAUSED_MS);
      await redis.node(0).kill('SIGCONT');
      return 1;
    },
  },
  {
    name: 'ClickHouse away',
    brokers: 1,
    async run({ cluster, fast }) {
      await cluster.leave('clickhouse-1');
      await sleep(WAREHOUSE_AWAY_MS[fast ? 'fast' : 'full']);
      cluster.join('clickhouse-1');
      return 1;
    },
  },
  {
    name: 'poison in every partition',
    brokers: 1,
    async run({ cluster }) {
      for (const partition of [0, 1, 2, 3]) await poison(cluster.brokers, cluster.names, partition);
      return 1;
    },
  },
  {
    name: 'one of three brokers killed, away for 15 s',
    brokers: 3,
    async run({ kafka, random }) {
      const broker = kafka.broker(Math.floor(random() * 3));
      await broker.kill();
      await sleep(ONE_OF_THREE_AWAY_MS);
      await broker.start();
      return 1;
    },
  },
  {
    name: 'one of three brokers held still for 15 s',
    brokers: 3,
    async run({ kafka, random }) {
      const broker = kafka.broker(Math.floor(random() * 3));
      await broker.kill('SIGSTOP');
      await sleep(ONE_OF_THREE_AWAY_MS);
      await broker.kill('SIGCONT');
      return 1;
    },
  },
];
