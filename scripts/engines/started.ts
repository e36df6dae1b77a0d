/** The engines that `npm run test:engines` started for the tests of its project. */
import process from 'node:process';

/** Addresses of the Kafka brokers: `host:port`. */
export function startedKafka(): string[] {
  return read('TEST_KAFKA_BROKERS').split(',');
}

/** As REDIS_URL takes it. */
export function startedRedis(): string {
  return read('TEST_REDIS_URL');
}

function read(name: string): string {
  const value = process.env[name];
  if (value) return value;
  throw new Error(`${name} is not set: run npm run test:engines`);
}
