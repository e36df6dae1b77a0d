/** `npm run topics` as a person runs it, on topics of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { runtimeCommand } from '#shared/runtime/runtime.ts';
import { afterEach, expect, test } from 'vitest';
import { message } from '../shared/bus/contract.ts';
import { createKafkaBus } from '../shared/bus/kafka.ts';
import { createKafkaClient } from '../shared/bus/kafka-client.ts';
import { TOPIC_NAMES, type TopicNames } from '../shared/bus/kafka-topics.ts';
import { startedKafka } from './engines/started.ts';

const brokers = startedKafka();
const prefix = randomUUID().slice(0, 8);
const names = Object.fromEntries(
  TOPIC_NAMES.map((topic) => [topic, `${prefix}.${topic}`]),
) as TopicNames;

const LOOKS_MS = 60_000;

const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

test('topics are made, shown and followed', async () => {
  expect((await topics('list')).out).toMatch(new RegExp(`^${prefix}\\.live +missing`, 'm'));
  const made = await topics('create', '--partitions', '2');
  expect(made).toMatchObject({ code: 0, err: '' });
  expect(made.out.split('\n').filter((line) => line.startsWith('made'))).toHaveLength(14);
  expect((await topics('create', '--partitions=2')).out).not.toContain('made');
  expect(await topics('create', '--partitions', '3')).toEqual({
    code: 1,
    out: '',
    err: `The topic ${names.bid_requests} has 2 partitions, not 3: create with --partitions 2, ` +
      'or delete the auction topics\n',
  });

  const bus = await openBus();
  const reader = await bus.read({ as: 'group', group: 'shop', from: 'start' }, {
    auction_outcomes: () => {},
  });
  await bus.publish('auction_outcomes', [
    message('auction_outcomes', 0, 'a-1'),
    message('auction_outcomes', 1, 'a-2'),
    message('auction_outcomes', 1, 'a-3'),
  ]);
  await reader.flush();
  await poison('[]');
  // Each look starts a program of its own, which may take seconds.
  await expect.poll(async () => (await topics()).out, { timeout: LOOKS_MS }).toMatch(
    new RegExp(`^${prefix}\\.auction_outcomes +2 +1  3 days +4 +! 1$`, 'm'),
  );
  const list = await topics('list');
  expect(list.out).toMatch(new RegExp(`^shop +${prefix}\\.auction_outcomes +1 +4 +3$`, 'm'));
  for (const line of list.out.split('\n')) expect(line.length).toBeLessThanOrEqual(100);

  const tail = await topics('tail', 'auction_outcomes', '--from', 'start', '--count', '4');
  expect(tail.code).toBe(0);
  expect(tail.out).toContain('  0/0         a-1  ');
  expect(tail.out).toContain('  1/1         a-3  ');
  expect(tail.out).toContain('unreadable: not an object');
  const letters = await topics(
    ...['tail', `${names.auction_outcomes}.dlq`, '--from=start', '--json', '--count=1'],
  );
  expect(JSON.parse(letters.out)).toMatchObject({
    value: [],
    headers: { topic: names.auction_outcomes, partition: '1', offset: '2', fault: 'not an object' },
  });
});

test('tail shows what comes, until Ctrl-C', async () => {
  await topics('create', '--partitions', '2');
  const bus = await openBus();
  const child = start('tail', 'ad_events', '--partition', '1');
  const [told] = await once(createInterface({ input: child.stderr! }), 'line') as [string];
  expect(told).toContain(`Following ${names.ad_events}, 1 partition, from its end`);
  const lines = createInterface({ input: child.stdout! });
  const first = once(lines, 'line') as Promise<[string]>;
  await bus.publish('ad_events', [message('ad_events', 0, 'e-0'), message('ad_events', 1, 'e-1')]);
  expect((await first)[0]).toContain('e-1');
  process.kill(child.pid!, 'SIGINT');
  expect(await once(child, 'close')).toEqual([0, null]);
});

test.each([
  [['tail', 'auctions'], /^auctions: allowed is bid_requests, .*each also with \.dlq behind it\n$/],
  [['tail', 'live', '--partition', '7'], /live has no partition 7, only 0 to 0\n$/],
  [['show'], /^show: allowed is list, create, tail TOPIC\n$/],
  [['create', '--partitions=2', '--replication=4'], /^--replication=4: allowed is 1 to 1, the b/],
])('%j is refused in one line', async (args, line) => {
  await topics('create', '--partitions', '2');
  const { code, out, err } = await topics(...args);
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(err).toMatch(line);
});

test('says what to do without a broker, and when it is away', async () => {
  expect((await run([], { KAFKA_BROKERS: '' })).err).toMatch(/^KAFKA_BROKERS is not set: .*\n$/);
  const away = await run([], { KAFKA_BROKERS: '127.0.0.1:1' });
  expect(away).toMatchObject({ code: 1, out: '' });
  expect(away.err).toMatch(/^Kafka at 127\.0\.0\.1:1 does not answer: .*ECONNREFUSED.*\n$/);
});

async function openBus() {
  const bus = await createKafkaBus({ brokers, names, clientId: 'topics', onError: () => {} });
  undo.push(() => bus.close());
  return bus;
}

/** A record of the outcomes that no reader can use. */
async function poison(value: string): Promise<void> {
  const client = createKafkaClient({ brokers, clientId: 'topics', retries: 5, onNote: () => {} });
  const producer = client.producer();
  await producer.connect();
  const messages = [{ key: 'poison', value, partition: 1 }];
  await producer.send({ topic: names.auction_outcomes, messages });
  await producer.disconnect();
}

function topics(...args: string[]) {
  return run(args, { KAFKA_BROKERS: brokers.join(',') });
}

async function run(args: string[], env: Record<string, string>) {
  const child = spawnTopics(args, env);
  let out = '';
  let err = '';
  child.stdout!.on('data', (data) => out += data);
  child.stderr!.on('data', (data) => err += data);
  const [code] = await once(child, 'close') as [number | null];
  return { code, out, err };
}

function start(...args: string[]): ChildProcess {
  const child = spawnTopics(args, { KAFKA_BROKERS: brokers.join(',') });
  const ended = once(child, 'close');
  undo.push(async () => {
    if (child.exitCode === null && child.signalCode === null) process.kill(child.pid!, 'SIGKILL');
    await ended;
  });
  return child;
}

function spawnTopics(args: string[], env: Record<string, string>): ChildProcess {
  const [command, ...rest] = runtimeCommand(new URL('topics.ts', import.meta.url), ...args);
  const variables = TOPIC_NAMES.map((
    topic,
  ) => [`KAFKA_TOPIC_${topic.toUpperCase()}`, names[topic]]);
  return spawn(command, rest, {
    env: { ...process.env, ...Object.fromEntries(variables), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}
