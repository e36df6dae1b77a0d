import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request, type RequestOptions } from 'node:https';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectSecurely } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { WebSocket as Client } from 'ws';
import { listen, type Listener, type ListenOptions } from './http-server.ts';
import { readTls } from './tls-files.ts';

const pem = (name: string): string =>
  fileURLToPath(new URL(`../../tests/tls/localhost-${name}.pem`, import.meta.url));
const ca = readFileSync(pem('cert'), 'utf8');

let listener: Listener | undefined;
afterEach(async () => {
  await listener?.close(0);
  listener = undefined;
});

async function start(options: Partial<ListenOptions> = {}): Promise<Listener> {
  listener = await listen({
    host: '127.0.0.1',
    port: 0,
    fetch: () => new Response('ok'),
    tls: readTls(pem('cert'), pem('key')),
    ...options,
  });
  return listener;
}

async function ask(options: RequestOptions, body?: string): Promise<[number, string]> {
  const outgoing = request({ host: '127.0.0.1', port: listener!.port, ca, ...options });
  outgoing.end(body);
  const [answer] = await once(outgoing, 'response');
  let text = '';
  for await (const part of answer) text += part;
  return [answer.statusCode, text];
}

describe('listen() with a certificate', () => {
  test('answers over HTTPS, and knows scheme and client', async () => {
    await start({
      fetch: async (request, { remoteAddress }) =>
        new Response(`${request.url} ${remoteAddress} ${await request.text()}`),
    });
    const { port } = listener!;
    expect(await ask({ method: 'POST', path: '/bid' }, 'body')).toEqual([
      200,
      `https://127.0.0.1:${port}/bid 127.0.0.1 body`,
    ]);
    await expect(ask({ ca: undefined })).rejects.toThrow();
  });

  test('carries WebSockets', async () => {
    await start({
      upgrade: (request) => ({
        open: (socket) => socket.send(request.url),
        message: () => {},
        close: () => {},
      }),
    });
    const url = `wss://127.0.0.1:${listener!.port}/live`;
    const client = new Client(url, { ca });
    const [text] = await once(client, 'message');
    expect(String(text)).toBe(url.replace('wss', 'https'));
    const closed = once(client, 'close');
    await listener!.close();
    expect((await closed)[0]).toBe(1001);
  });

  test('goes on when someone speaks no TLS, or leaves within the handshake', async () => {
    await start();
    const plain = connect(listener!.port, '127.0.0.1');
    plain.on('error', () => {}).resume();
    plain.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await once(plain, 'close');
    const leaving = connect(listener!.port, '127.0.0.1');
    await once(leaving, 'connect');
    leaving.destroy();
    expect(await ask({})).toEqual([200, 'ok']);
  });

  test('ends a connection that nobody uses', async () => {
    await start({ limits: { keepAliveMs: 100 } });
    const socket = connectSecurely({ host: '127.0.0.1', port: listener!.port, ca });
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    expect(String((await once(socket, 'data'))[0])).toContain('200 OK');
    await once(socket, 'close');
  });

  test('cuts a client that does not take its answer', async () => {
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
    // A line that stops after a while: what pauses a client's own stream differs by runtime.
    const line = createServer((near) => {
      const far = connect(listener!.port, '127.0.0.1');
      let passed = 0;
      near.on('error', () => far.destroy()).pipe(far);
      far.on('error', () => near.destroy()).on('data', (part) => {
        near.write(part);
        passed += part.length;
        if (passed > 100_000) far.pause();
      });
    }).listen(0, '127.0.0.1');
    await once(line, 'listening');
    const { port } = line.address() as AddressInfo;
    const socket = connectSecurely({ host: '127.0.0.1', port, ca });
    socket.on('error', () => {}).resume();
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await asked.promise;
    await cut;
    socket.destroy();
    line.close();
  });

  test('cuts a client that drips its headers', async () => {
    await start({ limits: { headersMs: 100, checkEveryMs: 20 } });
    const socket = connectSecurely({ host: '127.0.0.1', port: listener!.port, ca });
    socket.on('error', () => {});
    socket.write('GET / HTTP/1.1\r\nX-Slow: ');
    socket.resume();
    await once(socket, 'close');
  });
});

describe('readTls()', () => {
  const folder = mkdtempSync(join(tmpdir(), 'helios-tls-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };

  test('says in one line what is wrong', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const other = file('other.pem', String(privateKey.export({ type: 'pkcs8', format: 'pem' })));
    const text = file('text.pem', 'no PEM');
    const none = join(folder, 'none.pem');
    const refusal = (cert: string, key: string): string => {
      try {
        readTls(cert, key);
        return '';
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(refusal(pem('cert'), pem('key'))).toBe('');
    expect(refusal(pem('cert'), other)).toBe(
      `TLS_KEY_FILE=${other} is not the key of the certificate in TLS_CERT_FILE=${pem('cert')}`,
    );
    expect(refusal(text, other)).toBe(
      `TLS_CERT_FILE=${text} does not hold a certificate in PEM`,
    );
    expect(refusal(pem('cert'), text)).toBe(
      `TLS_KEY_FILE=${text} does not hold a private key without a passphrase in PEM`,
    );
    expect(refusal(none, other)).toBe(`TLS_CERT_FILE=${none} cannot be read: ENOENT`);
    expect(refusal(pem('cert'), folder)).toBe(`TLS_KEY_FILE=${folder} cannot be read: EISDIR`);
  });
});
