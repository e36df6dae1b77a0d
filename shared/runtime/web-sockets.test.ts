import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { WebSocket as Client } from 'ws';
import type { Socket, SocketHandlers } from '../service.ts';
import { listen, type Listener, type ListenOptions } from './http-server.ts';

let listener: Listener;
const clients: Client[] = [];
const errors: unknown[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.terminate();
  await listener.close(0);
  expect(errors.splice(0)).toEqual([]);
});

test('a socket carries texts both ways and ends when either side ends it', async () => {
  const closed = Promise.withResolvers<void>();
  await start({ upgrade: () => ({ ...echo(), close: () => closed.resolve() }) });
  const client = open('/live');
  await once(client, 'open');
  client.send('first');
  expect(await text(client)).toBe('echo first');
  client.close();
  await closed.promise;
});

test('a socket may be silent for longer than a connection without one is kept', async () => {
  await start({ upgrade: echo, limits: { keepAliveMs: 40 } });
  const client = open('/live');
  await once(client, 'open');
  await new Promise((resolve) => setTimeout(resolve, 200));
  client.send('again');
  expect(await text(client)).toBe('echo again');
});

test('the global WebSocket of the runtime is served too', async () => {
  await start({ upgrade: echo });
  const client = new WebSocket(`ws://127.0.0.1:${listener.port}/live`);
  await new Promise((resolve) => client.onopen = resolve);
  const answer = new Promise<string>((resolve) => client.onmessage = ({ data }) => resolve(data));
  client.send('hi');
  expect(await answer).toBe('echo hi');
  const ended = new Promise((resolve) => client.onclose = resolve);
  client.close();
  await ended;
});

test('the handler is asked with path and headers, and its refusal is a plain answer', async () => {
  await start({
    upgrade: (request) => {
      const { pathname } = new URL(request.url);
      return Response.json({ pathname, origin: request.headers.get('origin') }, { status: 403 });
    },
  });
  const client = open('/live?x=1', { origin: 'http://evil.example' });
  const [, response] = await once(client, 'unexpected-response');
  const parts: string[] = [];
  for await (const part of response) parts.push(String(part));
  expect(response.statusCode).toBe(403);
  expect(JSON.parse(parts.join(''))).toEqual({ pathname: '/live', origin: 'http://evil.example' });
});

test('who was refused keeps no connection, though it does not end its own side', async () => {
  await start({ upgrade: () => new Response('no', { status: 403 }) });
  const refused = connect({ host: '127.0.0.1', port: listener.port, allowHalfOpen: true });
  refused.on('error', () => {});
  const parts: string[] = [];
  refused.on('data', (part) => parts.push(String(part)));
  refused.write(
    'GET / HTTP/1.1\r\nHost: helios.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
  );
  await once(refused, 'end');
  expect(parts.join('')).toMatch(/^HTTP\/1.1 403 [^]*no$/);
  const closed = listener.close(0).then(() => 'closed');
  const end = await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, 2_000))]);
  refused.destroy();
  expect(end).toBe('closed');
});

test('a handler that throws answers 500 and is reported', async () => {
  await start({
    upgrade: () => {
      throw new Error('no');
    },
  });
  const [, response] = await once(open('/live'), 'unexpected-response');
  expect(response.statusCode).toBe(500);
  expect(errors.splice(0)).toEqual([new Error('no')]);
});

test('a message handler that throws ends its socket only', async () => {
  await start({
    upgrade: () => ({
      ...echo(),
      message() {
        throw new Error('bad message');
      },
    }),
  });
  const [one, other] = [open('/'), open('/')];
  await Promise.all([once(one, 'open'), once(other, 'open')]);
  one.send('x');
  expect((await once(one, 'close'))[0]).toBe(1011);
  expect(other.readyState).toBe(Client.OPEN);
  expect(errors.splice(0)).toEqual([new Error('bad message')]);
});

test.each([
  ['too long', (client: Client) => client.send('x'.repeat(5_000)), 1009],
  ['binary', (client: Client) => client.send(new Uint8Array([1, 2])), 1003],
  ['malformed', (client: Client) => rawSocket(client).write('\xff\xff\xff\xff', 'latin1'), 1002],
])('a message that is %s ends its socket only', async (_what, send, code) => {
  await start({ upgrade: echo });
  const [one, other] = [open('/'), open('/')];
  await Promise.all([once(one, 'open'), once(other, 'open')]);
  send(one);
  expect((await once(one, 'close'))[0]).toBe(code);
  other.send('still');
  expect(await text(other)).toBe('echo still');
});

test('a client that answers no ping is ended, one that does is kept', async () => {
  await start({ upgrade: echo, socketLimits: { heartbeatMs: 250 } });
  const dead = open('/', {}, { autoPong: false });
  const living = open('/');
  await Promise.all([once(dead, 'open'), once(living, 'open')]);
  await once(dead, 'close');
  for (let pings = 0; pings < 3; pings++) await once(living, 'ping');
  expect(living.readyState).toBe(Client.OPEN);
});

test('more sockets than allowed are answered 503', async () => {
  await start({ upgrade: echo, socketLimits: { sockets: 1 } });
  await once(open('/'), 'open');
  const [, response] = await once(open('/'), 'unexpected-response');
  expect(response.statusCode).toBe(503);
});

test('close() ends sockets with 1001 and does not wait for those that do not answer', async () => {
  await start({ upgrade: echo, socketLimits: { closeMs: 20 } });
  const polite = open('/');
  await once(polite, 'open');
  const deaf = connect(listener.port, '127.0.0.1');
  deaf.on('error', () => {});
  deaf.write(
    'GET / HTTP/1.1\r\nHost: helios.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  await once(deaf, 'data');
  const code = once(polite, 'close');
  await listener.close(60_000);
  expect((await code)[0]).toBe(1001);
  deaf.destroy();
});

test('a reader that takes nothing shows in bufferedBytes and leaves when it is destroyed', async () => {
  const opened = Promise.withResolvers<Socket>();
  const closed = Promise.withResolvers<void>();
  await start({
    upgrade: () => ({
      open: (socket) => opened.resolve(socket),
      message: () => {},
      close: () => closed.resolve(),
    }),
  });
  const client = open('/');
  await once(client, 'open');
  rawSocket(client).pause();
  const socket = await opened.promise;
  const piece = 'x'.repeat(1_000_000);
  for (let sent = 0; sent < 40; sent++) socket.send(piece);
  expect(socket.bufferedBytes).toBeGreaterThan(1_000_000);
  client.terminate();
  await closed.promise;
  socket.send('after the end');
});

test('an upgrade to anything but WebSocket is answered like any request', async () => {
  await start({ upgrade: echo, fetch: async (request) => new Response(await request.text()) });
  const socket = connect(listener.port, '127.0.0.1');
  socket.write(
    'POST / HTTP/1.1\r\nHost: helios.test\r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\n' +
      'Content-Length: 4\r\n\r\nbody',
  );
  const parts: string[] = [];
  for await (const part of socket) parts.push(String(part));
  expect(parts.join('')).toMatch(/^HTTP\/1.1 200 OK[^]*body/);
});

test('a request for a socket with a host that is none is answered 400', async () => {
  await start({ upgrade: echo });
  const [, response] = await once(open('/', { host: 'a b' }), 'unexpected-response');
  expect(response.statusCode).toBe(400);
});

async function start(options: Partial<ListenOptions>): Promise<void> {
  listener = await listen({
    fetch: () => new Response('hello'),
    host: '127.0.0.1',
    port: 0,
    onError: (error) => errors.push(error),
    ...options,
  });
}

function open(
  path: string,
  headers: Record<string, string> = {},
  options: { autoPong?: boolean } = {},
): Client {
  const client = new Client(`ws://127.0.0.1:${listener.port}${path}`, { headers, ...options });
  client.on('error', () => {});
  clients.push(client);
  return client;
}

function echo(): SocketHandlers {
  let socket: Socket;
  return {
    open: (given) => void (socket = given),
    message: (text) => socket.send(`echo ${text}`),
    close: () => {},
  };
}

async function text(client: Client): Promise<string> {
  const [data] = await once(client, 'message');
  return String(data);
}

/** The connection below a client; ws keeps it to itself. */
function rawSocket(client: Client): import('node:net').Socket {
  return (client as unknown as { _socket: import('node:net').Socket })._socket;
}
