/** `npm run keys`: on a stopped exchange through its journal, on a running one through its admin routes. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { listen } from '#shared/runtime/http-server.ts';
import { runtimeCommand } from '#shared/runtime/runtime.ts';
import { readTls } from '#shared/runtime/tls-files.ts';
import { removeDataDir, startExchange, temporaryDataDir } from './exchange-process.ts';

const SCRIPT = new URL('../scripts/keys.ts', import.meta.url);
const ADMIN_KEY = 'an-admin-key-of-24-characters-or-more';
const BID = JSON.stringify({ site: { domain: 'example.com' } });

/** Runs the script; rejects when its exit code is not 0. */
async function keys(env: Record<string, string>, ...args: string[]): Promise<string> {
  const [command, ...rest] = runtimeCommand(SCRIPT, ...args);
  const { stdout } = await promisify(execFile)(command, rest, { env: { ...process.env, ...env } });
  return stdout;
}

test('keys are made, work, are listed without their secrets, and are revoked', async () => {
  const dataDir = await temporaryDataDir();
  const stopped = { DATA_DIR: dataDir, PORT: '1' };
  const made = await keys(stopped, 'create', 'publisher', 'Acme News');
  expect(made).toContain('Authorization: Bearer KEY');
  const key = /hk_\S+/.exec(made)![0];
  // The secret may have underscores of its own.
  const [, id, secret] = /^hk_([^_]+)_(.+)$/.exec(key) as unknown as [string, string, string];

  const exchange = await startExchange({ dataDir, env: { HOST: '0.0.0.0', ADMIN_KEY } });
  const bid = (bearer: string, more: Record<string, string> = {}) =>
    fetch(`${exchange.url}/bid`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${bearer}`, ...more },
      body: BID,
    });
  expect((await bid(key)).status).toBe(200);
  expect((await bid(`${key}x`)).status).toBe(401);
  const asPublisher = { headers: { authorization: `Bearer ${key}` } };
  expect((await fetch(`${exchange.url}/api/outcomes/`, asPublisher)).status).toBe(403);

  const later = (await bid(key, { prefer: 'respond-async' })).headers.get('location');
  const answer = () => fetch(`${exchange.url}${later}`, asPublisher);
  await expect.poll(async () => (await answer()).status).toBe(200);
  expect(await (await answer()).json()).toMatchObject({ ads: [{ slot_id: '1' }] });

  const running = {
    DATA_DIR: dataDir,
    HOST: '0.0.0.0',
    ADMIN_KEY,
    PORT: new URL(exchange.url).port,
  };
  const admin = /hk_\S+/.exec(await keys(running, 'create', 'admin', 'Ops'))![0];
  const asAdmin = { headers: { authorization: `Bearer ${admin}` } };
  expect((await fetch(`${exchange.url}/api/outcomes/`, asAdmin)).status).toBe(200);
  const listed = await keys(running, 'list');
  expect(listed).toContain('Acme News');
  expect(listed).not.toContain(secret);
  await keys(running, 'revoke', id);
  expect((await bid(key)).status).toBe(401);

  expect(await exchange.stop()).toBe(0);
  expect(await keys(stopped, 'list')).not.toContain('Acme News');
  await removeDataDir(dataDir);
});

test('publishers whose names look alike as ids are two', async () => {
  const dataDir = await temporaryDataDir();
  const stopped = { DATA_DIR: dataDir, PORT: '1' };
  const owners: (string | undefined)[] = [];
  for (const name of ['News.de', 'News de', 'Новости', '新聞', 'News.de', 'news-de-2']) {
    const made = await keys(stopped, 'create', 'publisher', name);
    owners.push(/^Key for publisher .*?(?: \((.+)\))?, shown/.exec(made)![1] ?? name);
  }
  expect(owners).toEqual([
    'news-de',
    'news-de-2',
    'publisher',
    'publisher-2',
    'news-de',
    'news-de-2',
  ]);
  await removeDataDir(dataDir);
});

test('the keys of a publisher that was removed are not those of the next with such a name', async () => {
  const dataDir = await temporaryDataDir();
  const stopped = { DATA_DIR: dataDir, PORT: '1' };
  const old = /hk_\S+/.exec(await keys(stopped, 'create', 'publisher', 'Old Press'))![0];
  const exchange = await startExchange({ dataDir });
  await fetch(`${exchange.url}/admin/publisher/old-press`, { method: 'DELETE' });
  const running = { DATA_DIR: dataDir, PORT: new URL(exchange.url).port };
  const made = await keys(running, 'create', 'publisher', 'Old, Press');
  expect(made).toContain('Key for publisher Old, Press (old-press-2), shown only now');
  const headers = { 'content-type': 'application/json', 'x-api-key': old };
  const answer = await fetch(`${exchange.url}/bid`, { method: 'POST', headers, body: BID });
  expect(answer.status).toBe(403);
  expect(await exchange.stop()).toBe(0);
  await removeDataDir(dataDir);
});

test('without a gateway that answers, no key is made for those over Kafka', async () => {
  const dataDir = await temporaryDataDir();
  const over = { DATA_DIR: dataDir, PORT: '1', KAFKA_BROKERS: '127.0.0.1:1' };
  await expect(keys(over, 'create', 'admin', 'Ops')).rejects.toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(
      /^No gateway answers at http:\/\/127.0.0.1:1\/admin: HOST and PORT/,
    ),
  });
  await removeDataDir(dataDir);
});

test('an exchange behind a certificate is asked by TLS, by whatever name it is for', async () => {
  const pem = (name: string): string =>
    fileURLToPath(new URL(`tls/localhost-${name}.pem`, import.meta.url));
  const dataDir = await temporaryDataDir();
  const exchange = await listen({
    fetch: ({ headers }) =>
      headers.get('authorization') === `Bearer ${ADMIN_KEY}`
        ? Response.json([{ id: 'k1', role: 'admin', owner: '', name: 'Ops' }])
        : Response.json({ error: 'no' }, { status: 401 }),
    host: '127.0.0.2',
    port: 0,
    tls: readTls(pem('cert'), pem('key')),
  });
  const running = {
    DATA_DIR: dataDir,
    HOST: exchange.host,
    PORT: String(exchange.port),
    ADMIN_KEY,
    TLS_CERT_FILE: pem('cert'),
    TLS_KEY_FILE: pem('key'),
  };
  expect(await keys(running, 'list')).toMatch(/^k1 +admin +Ops/);
  await exchange.close(0);
  await removeDataDir(dataDir);
});

test('where no exchange answers it is told whose keys these are', async () => {
  const dataDir = await temporaryDataDir();
  const [command, ...rest] = runtimeCommand(SCRIPT, 'list');
  const env = { ...process.env, DATA_DIR: dataDir, PORT: '1' };
  expect(await promisify(execFile)(command, rest, { env })).toMatchObject({
    stdout: 'There are no keys\n',
    stderr: `No exchange answers at http://127.0.0.1:1: asking the journal in ${dataDir}\n`,
  });
  await removeDataDir(dataDir);
});

test('a wrong call prints how it is used and fails', async () => {
  await expect(keys({}, 'create', 'publisher')).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('create publisher NAME'),
  });
  await expect(keys({}, 'revoke', 'one', 'another')).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('revoke ID'),
  });
  const dataDir = await temporaryDataDir();
  const stopped = { DATA_DIR: dataDir, PORT: '1' };
  for (const args of [['--help'], ['create', 'admin', '--help'], ['list', '-h']]) {
    expect(await keys(stopped, ...args)).toMatch(/^npm run keys -- create publisher NAME/);
  }
  expect(await keys(stopped, 'list')).toBe('There are no keys\n');
  await expect(keys(stopped, 'revoke', 'nobody')).rejects.toMatchObject({ code: 1 });
  await removeDataDir(dataDir);
});

test('a stopped exchange takes no name that a running one refuses', async () => {
  const dataDir = await temporaryDataDir();
  const stopped = { DATA_DIR: dataDir, PORT: '1' };
  await expect(keys(stopped, 'create', 'publisher', 'x'.repeat(201))).rejects.toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(/^Cannot make the publisher: name: allowed is a string of 1/m),
  });
  expect(await keys(stopped, 'list')).toBe('There are no keys\n');
  await removeDataDir(dataDir);
});

test('an exchange that breaks off in the middle is named', async () => {
  const server = createServer((request, answer) => {
    if (request.method === 'GET') answer.end('[]');
    else request.socket.destroy();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await expect(keys({ PORT: String(port) }, 'create', 'admin', 'Ops')).rejects.toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(
      new RegExp(`^Cannot ask the exchange at http://127.0.0.1:${port}/admin: \\S`),
    ),
  });
  server.close();
});

test('another program at the address is told from an exchange', async () => {
  const server = createServer((_, answer) => answer.writeHead(404).end('Not here')).listen(0);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await expect(keys({ PORT: String(port) }, 'list')).rejects.toMatchObject({
    code: 1,
    stderr:
      `What listens at http://127.0.0.1:${port}/admin is no gateway of Helios: it answered 404\n`,
  });
  server.close();
});
