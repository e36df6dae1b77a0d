import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import type { Route } from '../service.ts';
import { rememberClient } from './clients.ts';
import { listen, type Listener } from './http-server.ts';
import { createRemoteRoute, type RemoteRouteOptions } from './remote-route.ts';

const listeners: Listener[] = [];
const servers: { server: Server; sockets: Set<Socket> }[] = [];
afterEach(async () => {
  await Promise.all(listeners.splice(0).map((listener) => listener.close(0)));
  for (const { server, sockets } of servers.splice(0)) {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
});

/** A stage; its origin. */
async function stage(fetch: Route): Promise<string> {
  const listener = await listen({ fetch, host: '127.0.0.1', port: 0 });
  listeners.push(listener);
  return `http://127.0.0.1:${listener.port}`;
}

/** Something that listens and does as told with each connection; its origin. */
async function listener(use: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    use(socket);
  }).listen(0, '127.0.0.1');
  servers.push({ server, sockets });
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Where nothing listens. */
async function nowhere(): Promise<string> {
  const origin = await stage(() => new Response());
  await listeners.pop()!.close(0);
  return origin;
}

const remote = (origins: string[], more: Partial<RemoteRouteOptions> = {}): Route =>
  createRemoteRoute({ stage: 'analytics', origins, ...more });
const get = (path = '/api/live', init: RequestInit = {}) =>
  new Request(`http://helios.example${path}`, init);
const pieces = (count: number, bytes = 64 * 1024) =>
  new ReadableStream<Uint8Array>({
    pull(controller) {
      if (count-- > 0) controller.enqueue(new Uint8Array(bytes));
      else controller.close();
    },
  });

test('a request goes on with method, path, body and who asks, and its answer comes back', async () => {
  const origin = await stage(async (request) => {
    const { pathname, search, host } = new URL(request.url);
    const { method, headers } = request;
    return Response.json({
      asked: [method, pathname + search, await request.text()],
      host,
      from: headers.get('x-forwarded-for'),
      key: headers.get('x-helios-stage-key'),
    }, { status: 201, headers: { 'x-more': 'yes' } });
  });
  const request = get('/api/a%20b?x=1&x=2', { method: 'POST', body: 'the body' });
  rememberClient(request, { remoteAddress: '192.0.2.7' });
  const answer = await remote([origin], { key: 'the key' })(request);
  expect([answer.status, answer.headers.get('x-more')]).toEqual([201, 'yes']);
  expect(await answer.json()).toEqual({
    asked: ['POST', '/api/a%20b?x=1&x=2', 'the body'],
    host: origin.slice('http://'.length),
    from: '192.0.2.7',
    key: 'the key',
  });
});

test('a path that looks like a host is one of the stage', async () => {
  const seen: string[] = [];
  const origin = await stage((request) => new Response(new URL(request.url).pathname));
  const elsewhere = await stage((request) => {
    seen.push(request.headers.get('x-helios-stage-key') ?? '');
    return new Response('elsewhere');
  });
  const path = elsewhere.slice('http:'.length);
  const answer = await remote([origin], { key: 'the key' })(get(`${path}/x`));
  expect([seen, await answer.text()]).toEqual([[], `${path}/x`]);
});

test('a GET with a body leaves nothing for the next on its connection', async () => {
  const origin = await stage((request) => new Response(request.url.slice(-1)));
  const route = remote([origin]);
  const given = get('/a', { headers: { 'content-length': '5' } });
  expect(await (await route(given)).text()).toBe('a');
  for (const path of ['/b', '/c']) expect(await (await route(get(path))).text()).toBe(path[1]);
});

test('what was packed stays packed, and answers without content have none', async () => {
  const packed = gzipSync('x'.repeat(10_000));
  const origin = await stage((request) =>
    request.url.endsWith('/none')
      ? new Response(null, { status: 304, headers: { etag: '"1"' } })
      : new Response(packed, { headers: { 'content-encoding': 'gzip' } })
  );
  const route = remote([origin]);
  const answer = await route(get());
  expect(answer.headers.get('content-encoding')).toBe('gzip');
  expect(new Uint8Array(await answer.arrayBuffer())).toEqual(new Uint8Array(packed));
  const none = await route(get('/none'));
  expect([none.status, none.body, none.headers.get('etag')]).toEqual([304, null, '"1"']);
  const head = await route(get('/x', { method: 'HEAD' }));
  expect([head.status, await head.text()]).toEqual([200, '']);
});

test('bodies pass in pieces both ways', async () => {
  const origin = await stage((request) => new Response(request.body));
  const body = { method: 'POST', body: pieces(80), duplex: 'half' } as RequestInit;
  const answer = await remote([origin])(get('/api/x', body));
  expect((await answer.arrayBuffer()).byteLength).toBe(80 * 64 * 1024);
});

test('a reader that takes nothing holds the stage up; when it leaves the stage is told', async () => {
  let made = 0;
  const left = Promise.withResolvers<void>();
  const origin = await stage(() =>
    new Response(
      new ReadableStream({
        pull(controller) {
          made++;
          controller.enqueue(new Uint8Array(1_000_000));
        },
        cancel: () => left.resolve(),
      }, { highWaterMark: 0 }),
    )
  );
  const answer = await remote([origin])(get());
  const reader = answer.body!.getReader();
  await reader.read();
  // What the system's buffers take on loopback: some megabytes of a body that never ends.
  let before = -1;
  await expect.poll(() => [made, before === (before = made)], { interval: 100 }).toEqual([
    expect.any(Number),
    true,
  ]);
  expect(made).toBeLessThan(60);
  await reader.cancel();
  await left.promise;
});

test('a client that leaves before the answer ends the request at the stage', async () => {
  const begun = Promise.withResolvers<void>();
  const left = Promise.withResolvers<void>();
  const origin = await stage((request) => {
    request.signal.addEventListener('abort', () => left.resolve());
    begun.resolve();
    return new Promise(() => {});
  });
  const leaving = new AbortController();
  const answer = remote([origin])(get('/', { signal: leaving.signal }));
  await begun.promise;
  leaving.abort();
  expect((await answer).status).toBe(499);
  await left.promise;
});

test('several are taken in turn, and one that is away is passed over', async () => {
  const asked: string[] = [];
  const named = (name: string): Promise<string> =>
    stage(() => {
      asked.push(name);
      return new Response(name);
    });
  let now = 0;
  const origins = [await named('a'), await nowhere(), await named('c')];
  const route = remote(origins, { now: () => now });
  for (let i = 0; i < 6; i++) expect((await route(get())).status).toBe(200);
  expect(asked.join('')).toBe('accacc');
  now = 10_000;
  expect(await (await route(get('/', { method: 'POST', body: 'x' }))).text()).toBe('a');
});

test('a body goes whole to the one that is there', async () => {
  const origin = await stage(async (request) => new Response(await request.text()));
  const route = remote([await nowhere(), origin], { limits: { answerMs: 2_000 } });
  const answer = await route(get('/', { method: 'POST', body: 'the body' }));
  expect([answer.status, await answer.text()]).toEqual([200, 'the body']);
});

test('one that cannot serve yet is passed over, and says so itself where nobody else can', async () => {
  const starting = await stage(() => new Response('starting', { status: 503 }));
  const ready = await stage(() => new Response('ready'));
  const route = remote([starting, ready], { now: () => 0 });
  for (let n = 0; n < 3; n++) expect(await (await route(get())).text()).toBe('ready');
  const both = remote([starting, await nowhere()]);
  for (let n = 0; n < 2; n++) {
    const answer = await both(get());
    expect([answer.status, await answer.text()]).toEqual([503, 'starting']);
  }
  const told = await remote([starting])(get('/api/x', { method: 'POST', body: 'x' }));
  expect([told.status, await told.text()]).toEqual([503, 'starting']);
});

test('when none answers, 503 says which stage and why', async () => {
  const answer = await remote([await nowhere()])(get());
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
  expect(await answer.json()).toEqual({
    error: expect.stringMatching(/^The analytics stage does not answer: .*refused/i),
  });
});

test('a stage that ends the connection is asked once more elsewhere, but not with a body', async () => {
  let cut = 0;
  const cutting = await listener((socket) => {
    socket.once('data', () => {
      cut++;
      socket.destroy();
    });
  });
  const whole = await stage(() => new Response('whole'));
  expect(await (await remote([cutting, whole])(get())).text()).toBe('whole');
  const posted = await remote([cutting, whole])(get('/', { method: 'POST', body: 'x' }));
  expect([posted.status, cut]).toEqual([502, 2]);
});

test('a stage that says nothing is waited for so long', async () => {
  const silent = await listener(() => {});
  const answer = await remote([silent], { limits: { answerMs: 50 } })(get());
  expect(answer.status).toBe(502);
  expect(await answer.json()).toEqual({
    error: 'The analytics stage does not answer: no answer within 50 ms',
  });
});

test('one that says nothing on a kept connection is not asked once more', async () => {
  let asked = 0;
  const origin = await stage((request) => {
    if (request.url.endsWith('/first')) return new Response('ok');
    asked++;
    return new Promise<Response>(() => {});
  });
  const route = remote([origin], { limits: { answerMs: 200 } });
  expect(await (await route(get('/first'))).text()).toBe('ok');
  expect((await route(get())).status).toBe(502);
  expect(asked).toBe(1);
});

test('an answer that breaks off does not look whole', async () => {
  const breaking = await listener((socket) => {
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart', () => socket.destroy());
    });
  });
  const answer = await remote([breaking])(get());
  expect(answer.status).toBe(200);
  await expect(answer.text()).rejects.toThrow();
});

test('connections are kept, and one that the stage ended meanwhile is no failure', async () => {
  const open = new Set<string>();
  const origin = await stage((request) => {
    open.add(request.headers.get('x-forwarded-for') ?? '');
    return new Response('ok');
  });
  const route = remote([origin]);
  for (let i = 0; i < 20; i++) expect(await (await route(get())).text()).toBe('ok');
  const { port } = listeners[0]!;
  await listeners.pop()!.close(0);
  listeners.push(await listen({ host: '127.0.0.1', port, fetch: () => new Response('again') }));
  for (let i = 0; i < 5; i++) expect(await (await route(get())).text()).toBe('again');
});
