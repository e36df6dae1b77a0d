import { startKafka } from './kafka.ts';
import { startRedis } from './redis.ts';

export interface BothEngines {
  /** As KAFKA_BROKERS takes it. */
  kafkaBrokers: string;
  /** As REDIS_URL takes it. */
  redisUrl: string;
  stop(): Promise<void>;
}

/** Kafka and a single Redis, at once; when one cannot start, the other is stopped. */
export async function startBoth(brokers: 1 | 3): Promise<BothEngines> {
  const [kafka, redis] = await Promise.allSettled([startKafka({ brokers }), startRedis()]);
  const stop = async () => {
    for (const one of [kafka, redis]) if (one.status === 'fulfilled') await one.value.stop();
  };
  for (const one of [kafka, redis]) {
    if (one.status === 'fulfilled') continue;
    await stop();
    throw one.reason;
  }
  return {
    kafkaBrokers: kafka.status === 'fulfilled' ? kafka.value.addresses.join(',') : '',
    redisUrl: redis.status === 'fulfilled' ? redis.value.url : '',
    stop,
  };
}
