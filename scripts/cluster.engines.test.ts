/** `npm run cluster` as a person runs it: every stage in processes of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { runtimeCommand } from '#shared/runtime/runtime.ts';
import { afterEach, expect, test } from 'vitest';
import { TOPIC_NAMES } from '../shared/bus/kafka-topics.ts';
import { startRedis } from './engines/redis.ts';
import { startedKafka } from './engines/started.ts';

const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

/** Starting a dozen processes on a busy machine, and ending them. */
const MINUTES_MS = 240_000;

test('a cluster bids at each gateway, survives a kill -9 and leaves nothing behind', async () => {
  const redis = await startRedis();
  undo.push(() => redis.stop());
  const cluster = await startCluster({ PORT: '0', REDIS_URL: redis.url }, '--partitions', '4');
  await cluster.ready();
  const pids = cluster.seen().map(({ pid }) => pid);
  expect(cluster.seen().map(({ name }) => name).sort()).toEqual([
    'analytics-1',
    'analytics-2',
    'auction-1',
    'auction-2',
    'bidding-1',
    'bidding-2',
    'bidding-3',
    'clickhouse-1',
    'gateway-1',
    'gateway-2',
    'profile-1',
    'profile-2',
    'web-1',
  ]);

  const gateways = ['gateway-1', 'gateway-2'].map((name) => cluster.byName(name).url);
  for (const [index, gateway] of gateways.entries()) {
    const answer = await firstAd(gateway, `request-${index}`);
    expect(answer).toMatchObject({ request_id: `request-${index}`, ads: [{ slot_id: '1' }] });
    // Either analytics may be asked; the one that did not read it has it from the warehouse.
    await expect.poll(() => explained(gateways[1 - index]!, answer.auction_id)).toMatchObject({
      auction_id: answer.auction_id,
      status: 'closed',
    });
  }
  const page = await fetch(`${gateways[1]}/`);
  expect(page.headers.get('content-type')).toContain('text/html');

  const { pid: killed } = cluster.byName('bidding-1');
  process.kill(killed, 'SIGKILL');
  // Kafka waits for the dead member until its session ends.
  await expect.poll(() => cluster.byName('bidding-1').pid, { timeout: MINUTES_MS }).not.toBe(
    killed,
  );
  expect(cluster.output()).toContain('bidding-1     ended: SIGKILL');
  expect(await firstAd(gateways[0]!, 'after')).toMatchObject({ request_id: 'after' });

  expect(await cluster.stop()).toBe(0);
  expect(cluster.output()).toMatch(/Everything has ended\.\n$/);
  expect([...pids, ...cluster.seen().map(({ pid }) => pid)].filter(lives)).toEqual([]);
}, MINUTES_MS);

test('says in one line which port is in use', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  undo.push(() => new Promise((resolve) => server.close(resolve)));
  const { port } = server.address() as { port: number };
  const cluster = await startCluster({ PORT: String(port) });
  expect(await cluster.ended).toBe(1);
  expect(cluster.output()).toBe(`Port ${port} is in use: set PORT to another\n`);
});

interface Seen {
  name: string;
  pid: number;
  url: string;
}

async function startCluster(env: Record<string, string>, ...args: string[]) {
  const dir = await mkdtemp(join(tmpdir(), 'helios-cluster-'));
  undo.push(() => rm(dir, { recursive: true, force: true, maxRetries: 5 }));
  const [command, ...rest] = runtimeCommand(new URL('cluster.ts', import.meta.url), ...args);
  const child: ChildProcess = spawn(command, rest, {
    env: {
      ...process.env,
      ...ownTopics(),
      KAFKA_BROKERS: startedKafka().join(','),
      DATA_DIR: join(dir, 'data'),
      // Time enough on most machines: what a deadline does has tests of its own.
      TMAX_DEFAULT: '10000',
      LOG_LEVEL: 'warn',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout!.on('data', (data) => output += data);
  child.stderr!.on('data', (data) => output += data);
  const ended = once(child, 'close').then(([code]) => code as number | null);
  const stop = async (): Promise<number | null> => {
    if (child.exitCode === null) process.kill(child.pid!, 'SIGTERM');
    return await ended;
  };
  undo.push(stop);
  /** Each process as it was last ready. */
  const seen = (): Seen[] => {
    const ready = /^\S+ {2}(\S+) +ready {2}\w+ {2}pid (\d+) {2}(\S+)$/gm;
    const found = new Map<string, Seen>();
    for (const [, name, pid, url] of output.matchAll(ready)) {
      found.set(name!, { name: name!, pid: Number(pid), url: url! });
    }
    return [...found.values()];
  };
  const ready = async (): Promise<void> => {
    const told = expect.poll(() => output, { timeout: MINUTES_MS })
      .toContain('All processes are ready');
    const early = ended.then((code) => {
      throw new Error(`The cluster ended with ${code}:\n${output}`);
    });
    await Promise.race([told, early]);
  };
  const index = (name: string): number => seen().findIndex((one) => one.name === name);
  return {
    output: () => output,
    seen,
    index,
    byName: (name: string) => seen()[index(name)]!,
    ended,
    ready,
    stop,
  };
}

/** So that others who use the same Kafka are not in the way. */
function ownTopics(): Record<string, string> {
  const prefix = randomUUID().slice(0, 8);
  return Object.fromEntries(
    TOPIC_NAMES.map((topic) => [`KAFKA_TOPIC_${topic.toUpperCase()}`, `${prefix}.${topic}`]),
  );
}

interface Answer {
  request_id: string;
  auction_id: string;
}

/** Cold processes on a starved machine may take longer than any auction: asked until there is an ad. */
async function firstAd(gateway: string, requestId: string): Promise<Answer> {
  const answers: Answer[] = [];
  await expect.poll(async () => {
    const answer = await bid(gateway, requestId);
    if (answer.status === 200) answers.push(await answer.json() as Answer);
    return answers.length;
  }, { timeout: MINUTES_MS }).toBe(1);
  return answers[0]!;
}

function bid(gateway: string, requestId: string): Promise<Response> {
  return fetch(`${gateway}/bid`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      request_id: requestId,
      user_id: 'user-001',
      site: { domain: 'example.com' },
      ad_slots: [{ id: '1', min_bid: 0.2, format: ['300x250'] }],
    }),
  });
}

async function explained(gateway: string, auctionId: string): Promise<unknown> {
  const answer = await fetch(`${gateway}/api/auctions/${auctionId}`);
  return answer.ok ? await answer.json() : undefined;
}

function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
