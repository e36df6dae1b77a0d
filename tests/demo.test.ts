/** `npm run demo`: an exchange, traffic, and look-ups over gRPC. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import process from 'node:process';
import { expect, test } from 'vitest';
import { runtimeCommand } from '#shared/runtime/runtime.ts';
import { exchangePorts } from '../scripts/load/exchange.ts';
import { removeDataDir, temporaryDataDir } from './exchange-process.ts';

const SCRIPT = new URL('../scripts/demo.ts', import.meta.url);

/** `printed` is everything so far; `ended` resolves to the exit code. */
function demo(env: Record<string, string>) {
  const [command, ...args] = runtimeCommand(SCRIPT);
  const child = spawn(command, args, {
    env: { ...process.env, TMAX_DEFAULT: '5000', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  child.stdout.on('data', (data) => printed += data);
  child.stderr.on('data', (data) => printed += data);
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return { printed: () => printed, ended, stop: () => process.kill(child.pid!, 'SIGINT') };
}

// Other systems have no 127.0.0.2 unless told.
test.runIf(process.platform === 'linux')(
  'bidders find profiles where PROFILE_HOST says',
  async () => {
    const ports = await exchangePorts();
    const dataDir = await temporaryDataDir();
    const env = Object.entries(ports).map(([name, port]) => [name, String(port)]);
    const run = demo({ ...Object.fromEntries(env), DATA_DIR: dataDir, PROFILE_HOST: '127.0.0.2' });
    await expect.poll(run.printed, { timeout: 60_000 }).toContain('Sending 5 requests per second');
    const url = `http://127.0.0.1:${ports.PORT}`;
    // The first look-up waits for a connection.
    await expect.poll(async () => {
      const bid = await fetch(`${url}/bid`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"user_id":"user-001","site":{"domain":"example.com"}}',
      });
      const auction = await fetch(`${url}/api/auctions/${bid.headers.get('helios-auction-id')}`);
      return (await auction.json() as { outcome?: { enriched: boolean } }).outcome?.enriched;
    }, { timeout: 20_000 }).toBe(true);
    run.stop();
    expect(await run.ended).toBe(0);
    await removeDataDir(dataDir);
  },
);

test('the demo refuses a certificate at once', async () => {
  const run = demo({ TLS_CERT_FILE: 'cert.pem', TLS_KEY_FILE: 'key.pem' });
  expect(await run.ended).toBe(1);
  expect(run.printed()).toBe(
    'The demo sends plain HTTP: leave TLS_CERT_FILE and TLS_KEY_FILE unset for it\n',
  );
});

test('the demo sends nothing to another exchange that has its port', async () => {
  const asked: string[] = [];
  const other = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.end('{"ready":true}');
  }).listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const dataDir = await temporaryDataDir();
  const run = demo({ PORT: String(port), DATA_DIR: dataDir });
  expect(await run.ended).toBe(1);
  expect(run.printed()).toBe(
    `Cannot start the exchange: something answers at http://127.0.0.1:${port} already; set PORT to another one\n`,
  );
  expect(asked).toEqual(['GET /readyz']);
  other.closeAllConnections();
  other.close();
  await removeDataDir(dataDir);
});
