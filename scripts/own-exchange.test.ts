import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { afterEach, expect, test, vi } from 'vitest';
import { runtimeCommand } from '#shared/runtime/runtime.ts';
import { ownMetrics, ownProfiles, ownSettings, ownUrl } from './own-exchange.ts';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

test.each([
  [{}, 'http://127.0.0.1:8080'],
  [{ PORT: '9000' }, 'http://127.0.0.1:9000'],
  [{ HOST: '0.0.0.0', PORT: '' }, 'http://127.0.0.1:8080'],
  [{ HOST: '::1' }, 'http://[::1]:8080'],
  [{ TLS_CERT_FILE: 'package.json', TLS_KEY_FILE: 'package.json' }, 'https://127.0.0.1:8080'],
])('ownUrl() of %o is %s', (settings, url) => {
  for (const name of ['HOST', 'PORT', 'TLS_CERT_FILE', 'TLS_KEY_FILE']) vi.stubEnv(name, undefined);
  for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value);
  expect(ownUrl()).toBe(url);
});

test('ownProfiles() is the address of the profile service', () => {
  vi.stubEnv('PROFILE_HOST', undefined);
  vi.stubEnv('PROFILE_PORT', '5');
  expect(ownProfiles()).toBe('127.0.0.1:5');
});

test('ownMetrics() is the address of the metrics', () => {
  vi.stubEnv('METRICS_HOST', '::1');
  vi.stubEnv('METRICS_PORT', '5');
  expect(ownMetrics()).toBe('[::1]:5');
});

// Other systems have no 127.0.0.2 unless told.
test.runIf(process.platform === 'linux')(
  'smoke.ts looks for metrics where the settings have them, whatever HOST is',
  async () => {
    const asked: string[] = [];
    const metrics = createServer((request, response) => {
      asked.push(request.url!);
      response.end();
    }).listen(0, '127.0.0.1');
    // It lives, and knows nothing that a check would wait for.
    const door = createServer(({ url }, response) => {
      response.writeHead(url === '/healthz' ? 200 : 404).end('{}');
    }).listen(0, '127.0.0.2');
    await Promise.all([once(metrics, 'listening'), once(door, 'listening')]);
    const portOf = (server: typeof door) => String((server.address() as AddressInfo).port);
    const [command, ...args] = runtimeCommand(
      new URL('smoke.ts', import.meta.url),
      ...['--grpc', '127.0.0.1:1', '--sql', THERE],
    );
    const settings = { HOST: '127.0.0.2', PORT: portOf(door), METRICS_PORT: portOf(metrics) };
    const child = spawn(command, args, { env: { ...process.env, ...settings }, stdio: 'ignore' });
    await once(child, 'close');
    expect(asked).toEqual(['/metrics']);
    for (const server of [metrics, door]) server.close();
  },
);

test('ownSettings() ends the process by a wrong setting it asks for, and by no other', () => {
  vi.stubEnv('KAFKA_BROKERS', 'nonsense');
  vi.stubEnv('METRICS_PORT', 'x');
  vi.stubEnv('PORT', '8080');
  expect(ownSettings('PORT').PORT).toBe(8080);
  const told = vi.spyOn(console, 'error').mockImplementation(() => {});
  const exit = vi.spyOn(process, 'exit').mockImplementation((code) => {
    throw new Error(`exit ${code}`);
  });
  expect(() => ownSettings('METRICS_PORT')).toThrow('exit 2');
  expect(exit).toHaveBeenCalledWith(2);
  expect(told).toHaveBeenCalledWith(expect.stringContaining('METRICS_PORT="x": allowed is'));
});

test('ownSettings() reads a secret out of its file', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'helios-own-')), 'url');
  writeFileSync(file, 'http://default:secret@127.0.0.1:1\n');
  vi.stubEnv('CLICKHOUSE_URL', undefined);
  vi.stubEnv('CLICKHOUSE_URL_FILE', file);
  expect(ownSettings('CLICKHOUSE_URL').CLICKHOUSE_URL).toBe('http://default:secret@127.0.0.1:1');
  rmSync(dirname(file), { recursive: true });
});

const THERE = 'http://127.0.0.1:1';
test.each([
  ['traffic.ts', ['--url', THERE], `Cannot reach ${THERE}: connection refused`],
  ['smoke.ts', [THERE], 'alive (/healthz)          failed'],
  ['seed.ts', ['--addr', '127.0.0.1:1'], 'Cannot write profiles to 127.0.0.1:1'],
])('%s that is told where to go asks no setting of this machine', (script, flags, said) => {
  const [command, ...args] = runtimeCommand(new URL(script, import.meta.url), ...flags);
  const env = { ...process.env, HOST: 'x', PORT: 'x', PROFILE_HOST: 'x' };
  const { stdout, stderr } = spawnSync(command, args, { env, encoding: 'utf8', timeout: 20_000 });
  expect(stdout + stderr).toContain(said);
});
