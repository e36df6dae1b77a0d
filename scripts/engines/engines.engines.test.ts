/** The engines the other suites lean on are there and are what they should be. */
import { Redis } from 'ioredis';
import { Kafka, logLevel } from 'kafkajs';
import { expect, test } from 'vitest';
import { startedKafka, startedRedis } from './started.ts';

const brokers = startedKafka();
const url = startedRedis();

test('Kafka answers', async () => {
  const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    const { brokers: known } = await admin.describeCluster();
    expect(known.map(({ host, port }) => `${host}:${port}`)).toEqual(brokers);
  } finally {
    await admin.disconnect();
  }
});

test('Redis 7 answers', async () => {
  const redis = new Redis(url);
  try {
    expect(await redis.ping()).toBe('PONG');
    expect(await redis.info('server')).toMatch(/^redis_version:7\./m);
  } finally {
    redis.disconnect();
  }
});
