import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket as Connection } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { WebSocket as Client } from 'ws';
import type { Socket, SocketHandlers, Upgrade } from '../service.ts';
import { listen, type Listener } from './http-server.ts';
import { createSocketRelay, type RelayLimits } from './socket-relay.ts';

const listeners: Listener[] = [];
const viewers: Client[] = [];
const errors: Error[] = [];
afterEach(async () => {
  for (const viewer of viewers.splice(0)) viewer.terminate();
  await Promise.all(listeners.splice(0).map((listener) => listener.close(0)));
  errors.splice(0);
});

async function serve(upgrade: Upgrade): Promise<string> {
  const listener = await listen({
    fetch: () => new Response(),
    upgrade,
    host: '127.0.0.1',
    port: 0,
    socketLimits: { closeMs: 50 },
  });
  listeners.push(listener);
  return `http://127.0.0.1:${listener.port}`;
}

/** Where nothing listens. */
async function nowhere(): Promise<string> {
  const origin = await serve(() => new Response());
  await listeners.pop()!.close(0);
  return origin;
}

const relayTo = (origins: string[], limits: Partial<RelayLimits> = {}): Upgrade =>
  createSocketRelay({
    stage: 'analytics',
    origins,
    key: 'the key',
    onError: (error) => void errors.push(error),
    limits,
  });

/** A viewer at a gateway before these stages. */
async function view(origins: string[], limits: Partial<RelayLimits> = {}): Promise<Client> {
  const gateway = await serve(relayTo(origins, limits));
  const viewer = new Client(`${gateway.replace('http', 'ws')}/live?x=1`, {
    headers: { origin: gateway, cookie: 'a=b', authorization: 'Bearer key' },
  });
  viewer.on('error', () => {});
  viewers.push(viewer);
  return viewer;
}

/** A stage's side of one socket, seen from outside. */
function stageSide() {
  const opened = Promise.withResolvers<Socket>();
  const closed = Promise.withResolvers<[number | undefined, string | undefined]>();
  let heard: (text: string) => void = () => {};
  const handlers: SocketHandlers = {
    open: opened.resolve,
    message: (text) => heard(text),
    close: (code, reason) => closed.resolve([code, reason]),
  };
  return {
    handlers,
    opened: opened.promise,
    closed: closed.promise,
    hears: (use: typeof heard) => void (heard = use),
  };
}

async function next(viewer: Client): Promise<string> {
  const [data, binary] = await once(viewer, 'message');
  expect(binary).toBe(false);
  return String(data);
}

async function endOf(viewer: Client): Promise<[number, string]> {
  const [code, reason] = await once(viewer, 'close');
  return [code, String(reason)];
}

test('texts pass both ways, also what was said before the stage was there', async () => {
  const side = stageSide();
  side.hears(async (text) => (await side.opened).send(`echo ${text}`));
  let asked: Request | undefined;
  const origin = await serve(async (request) => {
    asked = request;
    return side.handlers;
  });
  const viewer = await view([origin]);
  await once(viewer, 'open');
  viewer.send('ü 😀');
  expect(await next(viewer)).toBe('echo ü 😀');
  const { pathname, search, host } = new URL(asked!.url);
  expect([pathname + search, `http://${host}`]).toEqual(['/live?x=1', origin]);
  const given = ['x-helios-stage-key', 'x-forwarded-for', 'origin', 'cookie', 'authorization'];
  expect(given.map((name) => asked!.headers.get(name))).toEqual([
    'the key',
    '127.0.0.1',
    null,
    null,
    null,
  ]);
});

test('the codes of a close pass both ways', async () => {
  for (const code of [1000, 1008, 4001]) {
    const side = stageSide();
    const viewer = await view([await serve(() => side.handlers)]);
    const ended = endOf(viewer);
    (await side.opened).close(code, 'because');
    expect(await ended).toEqual([code, 'because']);
  }
  for (const [given, seen] of [[4002, 4002], [undefined, 1000]] as const) {
    const side = stageSide();
    const viewer = await view([await serve(() => side.handlers)]);
    await Promise.all([once(viewer, 'open'), side.opened]);
    viewer.close(given);
    expect((await side.closed)[0]).toBe(seen);
  }
  const side = stageSide();
  const viewer = await view([await serve(() => side.handlers)]);
  await Promise.all([once(viewer, 'open'), side.opened]);
  viewer.terminate();
  expect((await side.closed)[0]).toBe(1001);
});

test('a stage that is lost or closes sends its viewers back', async () => {
  const closing = stageSide();
  const viewer = await view([await serve(() => closing.handlers)]);
  await closing.opened;
  const ended = endOf(viewer);
  await listeners[0]!.close(0);
  expect(await ended).toEqual([1012, 'The analytics stage is gone: come back']);

  const connections: Connection[] = [];
  const breaking = createServer((connection) => {
    connections.push(connection);
    connection.on('error', () => {});
    connection.once('data', (head) => {
      const key = /sec-websocket-key: (.*)\r/i.exec(String(head))![1]!;
      void accept(key).then((accepted) => {
        connection.write(accepted);
        connection.destroySoon();
      });
    });
  }).listen(0, '127.0.0.1');
  await once(breaking, 'listening');
  const { port } = breaking.address() as AddressInfo;
  expect((await endOf(await view([`http://127.0.0.1:${port}`])))[0]).toBe(1012);
  breaking.close();
});

test('one that is away is passed over; when all are, the viewer is told to come back', async () => {
  const side = stageSide();
  const refusing = await serve(() => new Response(null, { status: 401 }));
  const viewer = await view([await nowhere(), refusing, await serve(() => side.handlers)]);
  (await side.opened).send('there');
  expect(await next(viewer)).toBe('there');
  expect(errors).toEqual([]);

  const ended = await endOf(await view([await nowhere(), refusing]));
  expect(ended).toEqual([1013, 'The analytics stage does not answer']);
  expect(errors.map(({ message }) => message)).toEqual([
    expect.stringMatching(/^The analytics stage does not answer: .*401/),
  ]);
});

test('a stage that falls silent counts as lost', async () => {
  const side = stageSide();
  const viewer = await view([await serve(() => side.handlers)], { silentMs: 50 });
  expect((await endOf(viewer))[0]).toBe(1012);
  await side.closed;
});

test('a viewer that does not keep up stops the stage, and gets everything once it does', async () => {
  const side = stageSide();
  const handlers = await relayTo([await serve(() => side.handlers)])(
    new Request('http://gateway/live'),
  ) as SocketHandlers;
  // A viewer whose line takes only what is let through.
  const waiting: { bytes: number; sent: () => void }[] = [];
  let got = 0;
  const slow: Socket = {
    send(text, sent) {
      got += text.length;
      waiting.push({ bytes: text.length, sent: sent! });
    },
    get bufferedBytes() {
      return waiting.reduce((sum, { bytes }) => sum + bytes, 0);
    },
    close: () => {},
  };
  handlers.open(slow);
  const stage = await side.opened;
  const piece = 'x'.repeat(64 * 1024);
  const pieces = 640;
  for (let i = 0; i < pieces; i++) stage.send(piece);
  await expect.poll(() => waiting.length).toBeGreaterThan(2);
  // Whatever the stage sends, the gateway holds little of it; the rest waits at the stage.
  await expect.poll(() => stage.bufferedBytes).toBeGreaterThan(1_000_000);
  expect(slow.bufferedBytes).toBeLessThan(1_000_000);
  const take = setInterval(() => {
    for (const { sent } of waiting.splice(0, 20)) sent();
  }, 1);
  await expect.poll(() => got).toBe(pieces * piece.length);
  clearInterval(take);
  handlers.close(1000, '');
  expect((await side.closed)[0]).toBe(1000);
});

test('a viewer that says more than the stage takes is sent away', async () => {
  const handlers = await relayTo([await nowhere()], { waitingMessages: 3 })(
    new Request('http://gateway/live'),
  ) as SocketHandlers;
  const codes: unknown[] = [];
  handlers.open({ send: () => {}, bufferedBytes: 0, close: (code) => codes.push(code) });
  for (let i = 0; i < 4; i++) handlers.message('more');
  expect(codes).toEqual([1013]);
  handlers.close(1013, '');
});

/** The answer to a handshake. */
async function accept(key: string): Promise<string> {
  const bytes = new TextEncoder().encode(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-1', bytes));
  return 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
    `Sec-WebSocket-Accept: ${btoa(String.fromCharCode(...digest))}\r\n\r\n`;
}
