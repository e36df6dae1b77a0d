/** A trace across a real Kafka: as a header that any program knows, and over processes of their own. */
import { randomUUID } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import type { Bus } from '#shared/bus/bus.ts';
import { message } from '#shared/bus/contract.ts';
import { createKafkaBus } from '#shared/bus/kafka.ts';
import { createKafkaClient } from '#shared/bus/kafka-client.ts';
import { TOPIC_NAMES, type TopicNames } from '#shared/bus/kafka-topics.ts';
import { freshTopics } from '#shared/bus/test-topics.ts';
import type { BidRequestMessage } from '#shared/model/events.ts';
import { startedKafka } from '../scripts/engines/started.ts';
import { patiently } from './cluster/patiently.ts';
import { freePorts } from '../scripts/engines/free-ports.ts';
import { type ExchangeProcess, removeDataDir, startExchange } from './exchange-process.ts';
import { startOtlpReceiver } from './otlp-receiver.ts';
import { spanTree } from './span-tree.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';
const OURS = `00-${TRACE}-${PARENT}-01`;

const brokers = startedKafka();
const client = createKafkaClient({ brokers, clientId: 'tracing', retries: 5, onNote: () => {} });

const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

async function openBus(names: TopicNames, traceHeaders: boolean): Promise<Bus> {
  const onError = (error: unknown): void => console.error(error);
  const bus = await createKafkaBus({ brokers, names, clientId: 'tracing', traceHeaders, onError });
  undo.push(() => bus.close());
  return bus;
}

/** What another program sees of the topic: headers, as text. */
async function readHeaders(topic: string): Promise<Record<string, string>[]> {
  const consumer = client.consumer({ groupId: randomUUID() });
  await consumer.connect();
  undo.push(() => consumer.disconnect());
  await patiently(() => consumer.subscribe({ topics: [topic], fromBeginning: true }));
  const seen: Record<string, string>[] = [];
  await consumer.run({
    eachMessage: ({ message: { headers = {} } }) => {
      seen.push(
        Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, String(text)])),
      );
      return Promise.resolve();
    },
  });
  return seen;
}

function traced(auctionId: string, traceparent: string) {
  const { value } = message('bid_requests', 1, auctionId) as { value: BidRequestMessage };
  return { partition: 1, value: { ...value, traceparent } };
}

test('a message carries its trace as the header traceparent, where traces are exported', async () => {
  const names = await freshTopics(client, 2);
  const [off, on] = [await openBus(names, false), await openBus(names, true)];
  const seen = await readHeaders(names.bid_requests);
  await off.publish('bid_requests', [traced('a-0', OURS)]);
  await on.publish('bid_requests', [traced('a-1', OURS), traced('a-2', '')]);
  await expect.poll(() => seen).toEqual([{}, { traceparent: OURS }, {}]);
});

test('a reader goes on with the span that another program has put into the header', async () => {
  const names = await freshTopics(client, 2);
  const bus = await openBus(names, true);
  const read: string[] = [];
  await bus.read({ as: 'group', group: 'g', from: 'start' }, {
    bid_requests: (batch) => void read.push(...batch.map(({ value }) => value.traceparent)),
  });
  const producer = client.producer();
  await producer.connect();
  undo.push(() => producer.disconnect());
  const theirs = `00-${TRACE}-1111111111111111-01`;
  const { value } = traced('a-1', OURS);
  await producer.send({
    topic: names.bid_requests,
    messages: [{ partition: 1, value: JSON.stringify(value), headers: { traceparent: theirs } }],
  });
  await expect.poll(() => read).toEqual([theirs]);
});

test('one trace goes through processes of their own, over Kafka and gRPC', async () => {
  const names = await freshTopics(client, 2);
  const receiver = await startOtlpReceiver();
  undo.push(() => receiver.close());
  const [profilePort] = await freePorts(1);
  const env = {
    KAFKA_BROKERS: brokers.join(','),
    ...Object.fromEntries(
      TOPIC_NAMES.map((topic) => [`KAFKA_TOPIC_${topic.toUpperCase()}`, names[topic]]),
    ),
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
    OTEL_TRACES_SAMPLER: 'parentbased_always_off',
    USER_PROFILE_SVC_ADDR: `127.0.0.1:${profilePort}`,
  };
  const start = async (
    stages: string[],
    own: Record<string, string> = {},
  ): Promise<ExchangeProcess> => {
    const one = await startExchange({ stages, env: { ...env, ...own } });
    undo.push(async () => {
      expect(await one.stop(), one.output()).toBe(0);
      await removeDataDir(one.dataDir);
    });
    return one;
  };
  const [gateway] = await Promise.all([
    start(['gateway']),
    start(['bidding']),
    start(['auction']),
    start(['profile'], { PROFILE_PORT: String(profilePort) }),
  ]);
  const bid = async (traceparent: string): Promise<number> => {
    const answer = await fetch(`${gateway.url}/bid`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', traceparent },
      body: JSON.stringify({ user_id: 'user-001', site: { domain: 'example.com' } }),
    });
    await answer.arrayBuffer();
    return answer.status;
  };
  // Until all have their shares of the topics nobody answers, and the first look-up finds no connection.
  const untold = `00-${'1'.repeat(32)}-${PARENT}-00`;
  for (let warm = 0; warm < 3;) warm = await bid(untold) === 200 ? warm + 1 : 0;
  expect(await bid(OURS)).toBe(200);

  const spans = () => receiver.spans.filter(({ traceId }) => traceId === TRACE);
  const named = (name: string) => spans().filter((span) => span.name === name);
  const rpc = 'helios.profile.v1.ProfileService/LookUpProfiles';
  const isRpc = ({ name }: { name: string }): boolean => name === rpc;
  // Each process exports by itself: the last one of each must be there.
  await expect.poll(() => [
    named('POST /bid').length,
    named('send auction_outcomes').length,
    named('send bid_responses').length,
    spans().filter(isRpc).length > 0 && spans().filter(isRpc).length % 2,
  ]).toEqual([1, 1, 2, 0]);
  const group = { 'bidding: profile lookup': {}, 'bidding: send bid_responses': {} };
  expect(spanTree(spans().filter((span) => !isRpc(span)), PARENT)).toEqual({
    'gateway: POST /bid': {
      'gateway: send bid_requests': {
        'auction: auction': { 'auction: clear': {}, 'auction: send auction_outcomes': {} },
        'bidding: process bid_requests (house)': group,
        'bidding: process bid_requests (partners)': group,
      },
    },
  });
  // Groups that ask in the same moment share a call, others have one each.
  const call = { [`bidding: ${rpc}`]: { [`profile: ${rpc}`]: {} } };
  const lookups = named('profile lookup').map(({ spanId }) => spanTree(spans(), spanId));
  expect(lookups).toContainEqual(call);
  expect(new Set(spans().map(({ resource }) => resource['service.instance.id'])).size).toBe(4);
  expect(named('send auction_outcomes')[0]!.attributes).toMatchObject({
    'messaging.system.name': 'kafka',
    'messaging.destination.name': names.auction_outcomes,
  });
  expect(named('auction')[0]!.attributes['kafka.offset']).toEqual(expect.any(Number));
});
