import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { listen, type Listener, type ListenOptions } from './http-server.ts';

const HEAD = 'POST / HTTP/1.1\r\nHost: helios.test\r\n';
/** What a client gets that is cut while it still sends: 408, or a reset that overtakes it. */
const CUT = /^$|^HTTP\/1.1 408 /;
const OK = `${HEAD}Content-Length: 2\r\n\r\nhi`;

let listener: Listener;
afterEach(() => listener.close(0));

test('listen() hands on request and client address and gives the answer back', async () => {
  await start({
    fetch: async (request, client) =>
      new Response(`${client.remoteAddress} ${await request.text()}`),
  });
  const answer = await whole(talk(`${HEAD}Connection: close\r\nContent-Length: 2\r\n\r\nhi`));
  expect(answer).toContain('HTTP/1.1 200 OK');
  expect(answer).toContain('127.0.0.1 hi');
});

test('listen() gives the bytes of a body that comes in pieces, and of none', async () => {
  await start({ fetch: async (request) => new Response(await request.bytes()) });
  const socket = talk(`${HEAD}Content-Length: 4\r\n\r\nhi`);
  setTimeout(() => socket.write('\n!'), 20);
  expect(String((await once(socket, 'data'))[0])).toMatch(/\r\n\r\nhi\n!$/);
  socket.write(`${HEAD}Content-Length: 0\r\nConnection: close\r\n\r\n`);
  expect(await whole(socket)).toMatch(/\r\n\r\n$/);
});

test('listen() rejects the reading of bytes when the client leaves before their end', async () => {
  const read = Promise.withResolvers<unknown>();
  await start({
    fetch: async (request) => {
      read.resolve(request.bytes());
      await read.promise.catch(() => {});
      return new Response('too late');
    },
  });
  const socket = talk(`${HEAD}Content-Length: 4\r\n\r\nhi`);
  setTimeout(() => socket.destroy(), 20);
  await expect(read.promise).rejects.toThrow();
});

test('listen() names an IPv4 client in dotted form on a dual-stack socket', async () => {
  await start({ host: '::', fetch: (_request, client) => new Response(client.remoteAddress) });
  expect(await whole(talk(`${HEAD}Connection: close\r\n\r\n`))).toContain('\r\n127.0.0.1');
});

test('listen() cuts a connection that stays silent', async () => {
  await start({ limits: { headersMs: 100, checkEveryMs: 20 } });
  expect(await whole(talk(''))).toContain('408 Request Timeout');
});

test('listen() cuts a client that drips its headers', async () => {
  await start({ limits: { headersMs: 100, checkEveryMs: 20 } });
  const socket = talk(`${HEAD}X-Slow: `);
  drip(socket, 'a');
  expect(await whole(socket)).toMatch(CUT);
});

test('listen() cuts a client that drips the headers of its second request', async () => {
  await start({ limits: { headersMs: 100, checkEveryMs: 20 } });
  const socket = talk(OK);
  const [answer] = await once(socket, 'data');
  expect(String(answer)).toContain('200 OK');
  socket.write(HEAD);
  drip(socket, 'a');
  expect(await whole(socket)).toMatch(CUT);
});

test.each([
  ['with a length', 'Content-Length: 1000\r\n\r\n', 'a'],
  ['in chunks', 'Transfer-Encoding: chunked\r\n\r\n', '1\r\na\r\n'],
])('listen() cuts a client that drips its body %s', async (_how, headers, part) => {
  await start({
    limits: { headersMs: 100, requestMs: 200, checkEveryMs: 20 },
    fetch: async (request) => new Response(await request.text()),
  });
  const socket = talk(HEAD + headers);
  drip(socket, part);
  expect(await whole(socket)).toMatch(CUT);
});

test('listen() cuts a client that does not take its answer', async () => {
  let cut: Promise<unknown> = Promise.resolve();
  const asked = Promise.withResolvers<void>();
  await start({
    limits: { stalledMs: 50 },
    fetch: async (request) => {
      cut = once(request.signal, 'abort');
      asked.resolve();
      return new Response('x'.repeat(50_000_000));
    },
  });
  const socket = connect(listener.port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(OK);
  await asked.promise;
  await cut;
  socket.destroy();
});

test('listen() keeps an idle connection longer than a request may take, then ends it', async () => {
  await start({
    limits: { headersMs: 500, requestMs: 600, checkEveryMs: 20, keepAliveMs: 2_000 },
  });
  const answer = await whole(talk(OK));
  expect(answer).toContain('200 OK');
  expect(answer).not.toContain('408');
});

test('listen() tells how long it keeps an idle connection', async () => {
  await start({ limits: { keepAliveMs: 2_000 } });
  const socket = talk(OK);
  expect(String((await once(socket, 'data'))[0])).toMatch(/^Keep-Alive: timeout=2\r$/im);
  socket.destroy();
});

test('listen() keeps a connection that waits for a slow answer, however long that takes', async () => {
  await start({
    limits: { keepAliveMs: 40 },
    fetch: async () => {
      await new Promise((resolve) => setTimeout(resolve, 200));
      return new Response('late');
    },
  });
  expect(await whole(talk(`${HEAD}Connection: close\r\n\r\n`))).toContain('late');
});

test.each([
  [
    'a length and chunks at once',
    `${HEAD}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  ],
  ['two lengths', `${HEAD}Content-Length: 2\r\nContent-Length: 3\r\n\r\nabc`],
  ['a space in a header name', `${HEAD}Content Length: 3\r\n\r\n`],
  ['no host', 'GET / HTTP/1.1\r\n\r\n'],
  ['an impossible host', 'GET / HTTP/1.1\r\nHost: a b/..@\r\nConnection: close\r\n\r\n'],
])('listen() answers 400 to %s', async (_what, text) => {
  await start({});
  expect(await whole(talk(text))).toMatch(/^HTTP\/1.1 400 /);
});

test('listen() answers 431 to headers that are too large', async () => {
  await start({ limits: { headerBytes: 1_000 } });
  expect(await whole(talk(`${HEAD}X-Large: ${'a'.repeat(1_000)}\r\n\r\n`))).toMatch(
    /^HTTP\/1.1 431 /,
  );
});

test('listen() closes connections beyond its limit', async () => {
  await start({ limits: { connections: 1, headersMs: 20_000, requestMs: 20_000 } });
  const first = talk('');
  await once(first, 'connect');
  expect(await whole(talk(OK))).toBe('');
  first.write(`${HEAD}Connection: close\r\n\r\n`);
  expect(await whole(first)).toContain('200 OK');
});

test('listen() answers 500 without content and reports when the handler throws', async () => {
  const errors: unknown[] = [];
  await start({
    fetch: () => {
      throw new Error('a bug');
    },
    onError: (error) => errors.push(error),
  });
  const answer = await whole(talk(`${HEAD}Connection: close\r\n\r\n`));
  expect(answer).toContain('500 Internal Server Error');
  expect(answer).not.toContain('a bug');
  expect(errors).toEqual([new Error('a bug')]);
});

test('listen() goes on and reports nothing when a client leaves within its request', async () => {
  const errors: unknown[] = [];
  const left = Promise.withResolvers<void>();
  await start({
    fetch: async (request) => {
      if (request.method === 'PUT') {
        try {
          await request.text();
        } finally {
          left.resolve();
        }
      }
      return new Response('fine');
    },
    onError: (error) => errors.push(error),
  });
  const leaver = talk('PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\npart', {
    quiet: true,
  });
  await once(leaver, 'connect');
  leaver.end(() => leaver.destroy());
  await left.promise;
  expect(await whole(talk(`${HEAD}Connection: close\r\n\r\n`))).toContain('fine');
  expect(errors).toEqual([]);
});

test('close() lets a running request finish and ends idle connections at once', async () => {
  const begun = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<Response>();
  await start({
    fetch: (request) => {
      if (request.url.endsWith('/idle')) return new Response('idle');
      begun.resolve();
      return answer.promise;
    },
  });
  const idle = talk('GET /idle HTTP/1.1\r\nHost: a\r\n\r\n');
  await once(idle, 'data');
  const running = talk(OK);
  const text = whole(running);
  await begun.promise;

  const closed = listener.close();
  await once(idle, 'close');
  const late = talk('');
  const [error] = await once(late, 'error');
  expect(error).toMatchObject({ code: 'ECONNREFUSED' });
  answer.resolve(new Response('done'));
  await closed;
  expect(await text).toContain('done');
});

test('leave() goes on answering, and each answer ends its connection', async () => {
  await start({});
  listener.leave();
  for (let times = 0; times < 2; times++) {
    const answer = await whole(talk(OK));
    expect(answer).toContain('HTTP/1.1 200 OK');
    expect(answer).toMatch(/^connection: close\r$/im);
  }
});

test('close() cuts a request that outlasts the grace', async () => {
  const begun = Promise.withResolvers<void>();
  await start({
    fetch: () => {
      begun.resolve();
      return new Promise<Response>(() => {});
    },
  });
  const text = whole(talk(OK));
  await begun.promise;
  await listener.close(50);
  expect(await text).toBe('');
});

test('listen() rejects with one clear line when the port is in use', async () => {
  await start({});
  const again = listen({
    host: '127.0.0.1',
    port: listener.port,
    setting: 'METRICS_PORT',
    fetch: () => new Response(),
  });
  await expect(again).rejects.toMatchObject({
    name: 'ListenError',
    code: 'in-use',
    message: `Cannot listen on 127.0.0.1:${listener.port}: ` +
      'the port is in use; set METRICS_PORT to another one',
  });
});

test('listen() rejects with one clear line when the machine lacks the address', async () => {
  await start({});
  // 192.0.2.0/24 is reserved for documentation: no machine has it.
  await expect(listen({ host: '192.0.2.1', port: 0, fetch: () => new Response() })).rejects
    .toMatchObject({ code: 'no-such-address' });
});

async function start(options: Partial<ListenOptions>): Promise<void> {
  listener = await listen({
    host: '127.0.0.1',
    port: 0,
    fetch: () => new Response('ok'),
    ...options,
  });
}

/** A client that sends `text` and leaves the connection open. */
function talk(text: string, { quiet = false } = {}): Socket {
  const socket = connect(listener.port, '127.0.0.1');
  if (quiet) socket.on('error', () => {});
  if (text !== '') socket.write(text);
  return socket;
}

/** Everything a client got until its connection ended, however it did. */
function whole(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    socket.on('data', (part) => text += part);
    socket.on('error', () => {});
    socket.on('close', () => resolve(text));
  });
}

function drip(socket: Socket, part: string): void {
  socket.write(part);
  const timer = setInterval(() => socket.write(part), 20);
  socket.on('error', () => {});
  socket.on('close', () => clearInterval(timer));
}
