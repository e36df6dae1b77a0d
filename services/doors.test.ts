import { request } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { type Config, parseConfig } from '#shared/config.ts';
import { createLog } from '#shared/log.ts';
import { createMetrics } from '#shared/metrics.ts';
import { freePorts } from '../scripts/engines/free-ports.ts';
import { type Doors, openDoors } from './doors.ts';
import { welcome } from './welcome.ts';

let doors: Doors;
afterEach(() => doors.close());

async function open(env: Record<string, string>): Promise<Config> {
  const config = parseConfig(env);
  doors = await openDoors({
    config,
    tls: undefined,
    log: createLog('silent'),
    metrics: createMetrics(),
    about: { runtime: 'test', version: '0' },
    waitingFor: () => [],
  });
  return config;
}

/** The status of `/metrics` for who asks by this name. */
async function metricsFor(host: string, env: Record<string, string> = {}): Promise<number> {
  const [port, metricsPort] = await freePorts(2) as [number, number];
  await open({ PORT: String(port), METRICS_PORT: String(metricsPort), ...env });
  return await new Promise((resolve, reject) => {
    request({ port: metricsPort, path: '/metrics', headers: { host } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode!);
    }).on('error', reject).end();
  });
}

test('metrics on loopback are for who knows them as this machine', async () => {
  expect(await metricsFor('127.0.0.1:2112')).toBe(200);
});

test('metrics on loopback are not for a page whose name was bent to this machine', async () => {
  expect(await metricsFor('evil.example:2112')).toBe(403);
});

test('metrics that others may have are theirs by any name', async () => {
  expect(await metricsFor('node-1.example:2112', { METRICS_HOST: '0.0.0.0' })).toBe(200);
});

test('who asks for any free port is told which one it is', async () => {
  const config = await open({ PORT: '0', METRICS_PORT: '0' });
  const start = { runtime: 'test', tookMs: 0, firstRun: false };
  const text = welcome({ ...config, ...doors.ports }, ['gateway'], start);
  const addresses = ['Readiness', 'Metrics'].map((name) =>
    new RegExp(`${name} +(http://\\S+)`).exec(text)![1]!
  );
  // It has no stage yet.
  const statuses = addresses.map(async (url) => {
    const answer = await fetch(url);
    await answer.body?.cancel();
    return answer.status;
  });
  expect(await Promise.all(statuses)).toEqual([503, 200]);
});
