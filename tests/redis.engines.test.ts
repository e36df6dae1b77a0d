/** Whole exchanges with their store in a real Redis. */
import { afterEach, expect, test } from 'vitest';
import { freePorts } from '../scripts/engines/free-ports.ts';
import { type RunningRedis, startRedis } from '../scripts/engines/redis.ts';
import {
  type ExchangeProcess,
  removeDataDir,
  startExchange,
  temporaryDataDir,
} from './exchange-process.ts';

const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

async function start(redisUrl: string): Promise<ExchangeProcess> {
  const dataDir = await temporaryDataDir();
  undo.push(() => removeDataDir(dataDir));
  const env = { REDIS_URL: redisUrl, DEMO_DATA: 'on' };
  const exchange = await startExchange({ dataDir, env });
  undo.push(() => exchange.stop('SIGKILL'));
  return exchange;
}

async function redis(port?: number): Promise<RunningRedis> {
  const running = await startRedis(port === undefined ? {} : { port });
  undo.push(() => running.stop());
  return running;
}

function bid(exchange: ExchangeProcess, key: string): Promise<Response> {
  return fetch(`${exchange.url}/bid`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify({ user_id: 'user-001', site: { domain: 'example.com' } }),
  });
}

async function readiness(exchange: ExchangeProcess) {
  const answer = await fetch(`${exchange.url}/readyz`);
  return await answer.json() as {
    ready: boolean;
    engines: { name: string; ready: boolean; reason?: string }[];
  };
}

test('two exchanges share claims', async () => {
  const { url } = await redis();
  const [one, two] = [await start(url), await start(url)];
  const first = await bid(one, 'key-1');
  expect(first.status).toBe(200);
  const repeated = await bid(two, 'key-1');
  expect(repeated.status).toBe(200);
  expect(repeated.headers.get('helios-auction-id')).toBe(first.headers.get('helios-auction-id'));
  expect(await repeated.json()).toEqual(await first.json());
  expect((await bid(two, 'key-2')).status).toBe(200);
});

test('an exchange waits for a Redis that comes late, says when it is gone, and goes on', async () => {
  const [port] = await freePorts(1) as [number];
  const starting = start(`redis://127.0.0.1:${port}`);
  const server = await redis(port);
  const exchange = await starting;
  expect((await bid(exchange, 'key-1')).status).toBe(200);

  await server.node(0).kill();
  await expect.poll(() => readiness(exchange)).toMatchObject({
    ready: false,
    engines: expect.arrayContaining([{
      name: 'store (redis)',
      ready: false,
      reason: expect.stringContaining(`waiting for Redis at 127.0.0.1:${port}`),
    }]),
  });
  await server.node(0).start();
  await expect.poll(async () => (await readiness(exchange)).ready).toBe(true);
  expect((await bid(exchange, 'key-2')).status).toBe(200);
  expect(await exchange.stop(), exchange.output()).toBe(0);
});
