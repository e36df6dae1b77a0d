import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import process from 'node:process';
import { expect, test } from 'vitest';
import { runtimeCommand } from '#shared/runtime/runtime.ts';

const FILE = new URL('./healthcheck.ts', import.meta.url);

async function check(status: number, body: string): Promise<{ code: number; words: string }> {
  const server = createServer(({ url }, response) => {
    response.statusCode = url === '/readyz' ? status : 404;
    response.end(body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  try {
    return await run(String(port));
  } finally {
    server.close();
  }
}

async function run(PORT: string): Promise<{ code: number; words: string }> {
  const [command, ...args] = runtimeCommand(FILE);
  const child = spawn(command, args, { env: { ...process.env, HOST: '0.0.0.0', PORT } });
  let words = '';
  child.stderr.on('data', (data) => words += data);
  const [code] = await once(child, 'close') as [number];
  return { code, words };
}

test('healthcheck is content with a process that is ready', async () => {
  expect(await check(200, '{"ready":true}')).toEqual({ code: 0, words: '' });
});

test('healthcheck says what a process waits for', async () => {
  const { code, words } = await check(503, '{"engines":["bus"]}');
  expect(code).toBe(1);
  expect(words).toBe('503 {"engines":["bus"]}\n');
});

test('healthcheck takes an empty setting for one that is not set', async () => {
  // Whatever is at the port of an exchange now; it was asked at that of HTTP.
  expect((await run('')).words).not.toMatch(/:80\n/);
});

test('healthcheck fails where nothing listens', async () => {
  const { code, words } = await run('1');
  expect(code).toBe(1);
  expect(words).toContain('ECONNREFUSED');
});
