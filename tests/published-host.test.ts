/** Whose door it is goes by where it is published: a container listens on all of its addresses. */
import { writeFile } from 'node:fs/promises';
import http from 'node:http';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import {
  type ExchangeProcess,
  removeDataDir,
  runExchange,
  startExchange,
  temporaryDataDir,
} from './exchange-process.ts';

let exchange: ExchangeProcess | undefined;
const folders: string[] = [];

afterEach(async () => {
  await exchange?.stop('SIGKILL');
  exchange = undefined;
  await Promise.all(folders.splice(0).map(removeDataDir));
});

async function dataDir(): Promise<string> {
  const path = await temporaryDataDir();
  folders.push(path);
  return path;
}

/** Status of `/api/live` as asked by the name. */
function askAs(host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    http.get(`${exchange!.url}/api/live`, { headers: { host } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    }).on('error', reject);
  });
}

test('an exchange published on loopback asks no keys, and answers to no foreign name', async () => {
  const env = { HOST: '0.0.0.0', PUBLISHED_HOST: '127.0.0.1' };
  exchange = await startExchange({ dataDir: await dataDir(), env });
  expect(await askAs('127.0.0.1:8080')).toBe(200);
  expect(await askAs('gateway:8080')).toBe(403);
  const traffic = await fetch(`${exchange.url}/api/sample-traffic`);
  expect(traffic.status).toBe(200);
  await traffic.body?.cancel();
  expect(exchange.output()).toMatch(/Page +http:\/\/127\.0\.0\.1:\d+\//);
});

test('an exchange on loopback that is published to others asks for keys', async () => {
  const folder = await dataDir();
  exchange = await startExchange({
    dataDir: folder,
    env: { PUBLISHED_HOST: '192.0.2.1', ADMIN_KEY: 'an-admin-key-of-24-characters-or-more' },
  });
  expect(await askAs('192.0.2.1')).toBe(401);
});

test.each([
  {
    stages: ['gateway', 'bidding', 'auction', 'profile'],
    env: { HOST: '127.0.0.1', PUBLISHED_HOST: '192.0.2.1' },
  },
  // Gateways come to this door from other machines, wherever their own is published.
  { stages: ['profile'], env: { HOST: '0.0.0.0', PUBLISHED_HOST: '127.0.0.1' } },
])('without ADMIN_KEY a door that others reach is not opened: %j', async ({ stages, env }) => {
  const { code, output } = await runExchange({
    stages,
    env: { DATA_DIR: await dataDir(), PORT: '0', ...env },
  });
  expect(code, output).toBe(1);
  expect(output).toContain('so ADMIN_KEY is needed');
});

test('the key of a file is the key', async () => {
  const folder = await dataDir();
  const file = join(folder, '..', 'admin-key');
  await writeFile(file, 'an-admin-key-of-24-characters-or-more\n');
  exchange = await startExchange({
    dataDir: folder,
    env: { HOST: '0.0.0.0', ADMIN_KEY_FILE: file },
  });
  const headers = { authorization: 'Bearer an-admin-key-of-24-characters-or-more' };
  const answer = await fetch(`${exchange.url}/api/live`, { headers });
  expect(answer.status).toBe(200);
  await answer.body?.cancel();
  expect(await askAs('127.0.0.1')).toBe(401);
});
