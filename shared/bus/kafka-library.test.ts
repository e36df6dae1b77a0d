import { Buffer } from 'node:buffer';
import { createRequire } from 'node:module';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import './kafka-library.ts';

const load = createRequire(import.meta.url);
const { prototype } = load('kafkajs/src/cluster/brokerPool') as {
  prototype: {
    withBroker(
      this: {
        brokers: Record<string, object>;
        findBroker(of: { nodeId: string }): Promise<string>;
      },
      ask: (of: { broker: string }) => Promise<string>,
    ): Promise<string>;
  };
};

/** Many times, as each begins with any broker. */
async function answers(
  asked: (nodeId: string) => string | Error,
  connected: (nodeId: string) => boolean,
): Promise<Set<string>> {
  const pool = {
    brokers: { 1: {}, 2: {}, 3: {} },
    findBroker: ({ nodeId }: { nodeId: string }) =>
      connected(nodeId) ? Promise.resolve(nodeId) : Promise.reject(new Error(`${nodeId} is away`)),
  };
  const seen = new Set<string>();
  for (let times = 0; times < 100; times++) {
    const answer = prototype.withBroker.call(pool, async ({ broker }) => {
      const told = asked(broker);
      if (typeof told === 'string') return told;
      throw told;
    });
    seen.add(await answer.catch(({ message }: Error) => message));
  }
  return seen;
}

test('withBroker() passes over a broker that is away, and one that answers with an error', async () => {
  const one = (nodeId: string) => nodeId === '1' ? 'fine' : new Error('refused');
  expect(await answers(one, (nodeId) => nodeId !== '3')).toEqual(new Set(['fine']));
});

test('withBroker() tells what was wrong where no broker can answer', async () => {
  const refused = () => new Error('refused');
  expect(await answers(refused, () => true)).toEqual(new Set(['refused']));
  const away = new Set(['1 is away', '2 is away', '3 is away']);
  expect(await answers(refused, () => false)).toEqual(away);
});

test('refreshMetadata() keeps the answer to the latest question, whichever broker is quicker', async () => {
  const { prototype: { refreshMetadata } } = load('kafkajs/src/cluster/brokerPool') as {
    prototype: { refreshMetadata(this: object, topics: string[]): Promise<void> };
  };
  const answerOf = (topics: string[]) => ({ brokers: [], topics });
  const slow = (topics: string[]) =>
    new Promise((resolve) => setImmediate(() => resolve(answerOf(topics))));
  const brokers = [{ metadata: slow }, { metadata: answerOf }];
  const pool: { metadata?: object } & Record<string, unknown> = {
    brokers: {},
    seedBroker: { connectionPool: {} },
    findConnectedBroker: () => brokers.shift(),
    retrier: (work: (bail: (error: Error) => void) => unknown) => work(() => {}),
  };
  await Promise.all([['a'], ['a', 'b']].map((topics) => refreshMetadata.call(pool, topics)));
  expect(pool.metadata).toEqual(answerOf(['a', 'b']));
});

const Connection = load('kafkajs/src/network/connection') as new (options: object) => {
  isConnected(): boolean;
  connect(): Promise<unknown>;
  disconnect(): Promise<unknown>;
  send(order: object): Promise<Buffer>;
};
const Encoder = load('kafkajs/src/protocol/encoder') as new () => object;
const servers: Server[] = [];
afterEach(() => servers.splice(0).forEach((server) => server.close()));

/** @param answer of each connection in turn, to each request with its number */
async function connectionTo(
  answers: readonly ((socket: Socket, correlation: Buffer) => void)[],
  requestTimeout: number,
) {
  let connections = 0;
  const server = createServer((socket) => {
    const answer = answers[connections++]!;
    socket.on('data', (request: Buffer) => answer(socket, request.subarray(8, 12)));
    socket.on('error', () => {});
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const logger = { debug() {}, error() {}, warn() {}, namespace: () => logger };
  return new Connection({
    host: '127.0.0.1',
    port,
    logger,
    requestTimeout,
    connectionTimeout: 5_000,
    socketFactory: ({ onConnect }: { onConnect: () => void }) =>
      connect({ host: '127.0.0.1', port }, onConnect),
  });
}

function asking(apiName: string): object {
  return {
    request: { apiKey: 18, apiVersion: 0, apiName, encode: async () => new Encoder() },
    response: { decode: async (bytes: Buffer) => bytes, parse: async (bytes: Buffer) => bytes },
  };
}

function answer(socket: Socket, correlation: Buffer): void {
  const length = Buffer.alloc(4);
  length.writeInt32BE(correlation.length + 2);
  socket.write(Buffer.concat([length, correlation, Buffer.from('ok')]));
}

test.each([
  ['Produce', { name: 'KafkaJSConnectionClosedError' }],
  ['Heartbeat', { name: 'KafkaJSConnectionClosedError', type: 'NOT_COORDINATOR_FOR_GROUP' }],
  ['ApiVersions', { name: 'KafkaJSConnectionError' }],
])('a connection that does not answer %s in time is lost', async (apiName, error) => {
  const connection = await connectionTo([() => {}, answer], 100);
  await connection.connect();
  await expect(connection.send(asking(apiName))).rejects.toMatchObject(error);
  expect(connection.isConnected()).toBe(false);
  await connection.connect();
  expect(String(await connection.send(asking(apiName)))).toBe('ok');
  await connection.disconnect();
});

test('half an answer of a lost connection is forgotten', async () => {
  const half = (socket: Socket): void => {
    socket.write(Buffer.from([0, 0, 0, 100, 1, 2]), () => setTimeout(() => socket.destroy(), 50));
  };
  const connection = await connectionTo([half, answer], 1_000);
  await connection.connect();
  await expect(connection.send(asking('Fetch'))).rejects.toThrow('Closed connection');
  await connection.connect();
  expect(String(await connection.send(asking('Fetch')))).toBe('ok');
  await connection.disconnect();
});
