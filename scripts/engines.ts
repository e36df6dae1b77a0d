/** `npm run engines`: a real Kafka and a real Redis to develop against, until Ctrl-C. */
import process from 'node:process';
import { parseFlags, text } from './flags.ts';
import { startBoth } from './engines/start-both.ts';

const { values: flags } = parseFlags({
  brokers: text('Kafka brokers', '1', ['1', '3']),
}, {
  command: 'npm run engines --',
  about: 'Starts Kafka and Redis on free ports, with their data in a temporary folder.',
});

try {
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve());
  });
  const engines = await startBoth(flags.brokers === '3' ? 3 : 1);
  console.log(`export KAFKA_BROKERS=${engines.kafkaBrokers} REDIS_URL=${engines.redisUrl}`);
  console.error('Both run until Ctrl-C; their data is removed then.');
  await stopped;
  await engines.stop();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
