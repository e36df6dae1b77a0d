import { once } from 'node:events';
import { Agent, createServer, get, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { type Balancer, startBalancer } from './balancer.ts';

const servers: Server[] = [];
let balancer: Balancer;
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

afterEach(async () => {
  agent.destroy();
  for (const server of servers.splice(0)) server.close().closeAllConnections();
  await balancer.stop();
});

test.each(['requests', 'connections'] as const)(
  'startBalancer() by %s sends new ones to who is ready',
  async (by) => {
    const [one, two] = [await backend('one'), await backend('two')];
    balancer = await startBalancer({ backends: [one.url, two.url], by, lookMs: 20 });
    const alone = () => ask(new Agent());
    expect(new Set([await alone(), await alone()])).toEqual(new Set(['one', 'two']));
    one.ready = false;
    await expect.poll(async () => [await alone(), await alone()]).toEqual(['two', 'two']);
    one.ready = true;
    await expect.poll(async () => new Set([await alone(), await alone()]).size).toBe(2);
  },
);

test('startBalancer() by connections leaves a kept one where it is', async () => {
  const both = [await backend('one'), await backend('two')];
  balancer = await startBalancer({
    backends: both.map(({ url }) => url),
    by: 'connections',
    lookMs: 20,
  });
  const first = await ask(agent);
  both.find(({ name }) => name === first)!.ready = false;
  await expect.poll(async () => [await ask(new Agent()), await ask(new Agent())])
    .not.toContain(first);
  expect(await ask(agent)).toBe(first);
});

test('startBalancer() answers 502 when a backend fails, and sends nothing twice', async () => {
  const one = await backend('one');
  balancer = await startBalancer({ backends: [one.url], by: 'requests', lookMs: 60_000 });
  servers[0]!.close().closeAllConnections();
  expect(await ask(new Agent())).toBe('502');
});

async function backend(name: string) {
  const state = { name, ready: true, url: '' };
  const server = createServer((incoming, outgoing) => {
    outgoing.statusCode = incoming.url === '/readyz' && !state.ready ? 503 : 200;
    outgoing.end(name);
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return state;
}

/** What the backend says, or the status of a failure. */
async function ask(by: Agent): Promise<string> {
  const [answer] = await once(get(balancer.url, { agent: by }), 'response');
  let text = '';
  for await (const part of answer) text += part;
  return answer.statusCode === 200 ? text : String(answer.statusCode);
}
