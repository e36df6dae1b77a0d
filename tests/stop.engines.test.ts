/** How a gateway over a real Kafka ends. */
import { afterEach, expect, test } from 'vitest';
import { createKafkaClient } from '#shared/bus/kafka-client.ts';
import { TOPIC_NAMES } from '#shared/bus/kafka-topics.ts';
import { freshTopics } from '#shared/bus/test-topics.ts';
import { startedKafka } from '../scripts/engines/started.ts';
import { type ExchangeProcess, removeDataDir, startExchange } from './exchange-process.ts';

const brokers = startedKafka();
let gateway: ExchangeProcess | undefined;
afterEach(async () => {
  await gateway?.stop('SIGKILL');
  if (gateway) await removeDataDir(gateway.dataDir);
});

test('SIGTERM waits for the longest auctions that nobody closes, and ends with 0', async () => {
  const client = createKafkaClient({ brokers, clientId: 'stop', retries: 5, onNote: () => {} });
  const names = await freshTopics(client, 1);
  const topics = TOPIC_NAMES.map((topic) => [`KAFKA_TOPIC_${topic.toUpperCase()}`, names[topic]]);
  gateway = await startExchange({
    stages: ['gateway'],
    env: { ...Object.fromEntries(topics), KAFKA_BROKERS: brokers.join(','), TMAX_DEFAULT: '10000' },
  });
  const bid = (headers: Record<string, string>): Promise<Response> =>
    fetch(`${gateway!.url}/bid`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ user_id: 'user-001', site: { domain: 'example.com' } }),
    });
  const waiting = bid({});
  expect((await bid({ prefer: 'respond-async' })).status).toBe(202);
  const code = gateway.stop('SIGTERM');
  expect((await waiting).status).toBe(204);
  expect(await code, gateway.output()).toBe(0);
});
