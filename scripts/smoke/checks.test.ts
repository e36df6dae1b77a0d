import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { BID_CHECKS } from './bid-checks.ts';
import { type Check, type Row, runChecks } from './checks.ts';
import { RECORD_CHECKS } from './record-checks.ts';
import { CheckFailed, SmokeTarget } from './smoke-target.ts';
import { STATE_CHECKS } from './state-checks.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  vi.unstubAllEnvs();
  closers.splice(0).forEach((close) => close());
});

type Answer = { status: number; body?: unknown; headers?: Record<string, string> };

async function targetWith(answer: (path: string, body: string) => Answer): Promise<SmokeTarget> {
  const server = http.createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request.setEncoding('utf8')) text += chunk;
    const { status, body, headers } = answer(request.url!, text);
    response.writeHead(status, headers).end(body === undefined ? undefined : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => server.close().closeAllConnections());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return new SmokeTarget({ url, grpc: '', sql: url, metrics: url }, 'test');
}

async function rowsOf(target: SmokeTarget, checks: readonly Check[]): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const row of runChecks(target, checks)) rows.push(row);
  return rows;
}

const named = (name: string) => BID_CHECKS.filter((check) => check.name === name);

test('runChecks() tells passed, failed and skipped apart, and goes on after a failure', async () => {
  const target = await targetWith(() => ({ status: 404 }));
  const rows = await rowsOf(target, [
    { name: 'wrong', run: () => Promise.reject(new CheckFailed('expected 1, got 2')) },
    { name: 'elsewhere', run: async () => ({ skipped: 'not from here' }) },
    { name: 'right', run: async () => 'as it should be' },
  ]);
  expect(rows.map(({ name, result, note }) => [name, result, note])).toEqual([
    ['wrong', 'failed', 'expected 1, got 2'],
    ['elsewhere', 'skipped', 'skipped: not from here'],
    ['right', 'passed', 'as it should be'],
  ]);
});

test('runChecks() ends when an essential check fails', async () => {
  const target = await targetWith(() => ({ status: 500 }));
  const rows = await rowsOf(target, [...STATE_CHECKS, ...BID_CHECKS]);
  expect(rows.map(({ name, result }) => [name, result])).toEqual([['alive (/healthz)', 'failed']]);
});

test('the readiness check has a line for every stage and engine', async () => {
  const body = {
    ready: true,
    runtime: 'node 24.0.0',
    stages: [{ name: 'gateway', ready: true }],
    engines: [{ name: 'bus', ready: true }],
  };
  const rows = await rowsOf(await targetWith(() => ({ status: 200, body })), STATE_CHECKS);
  expect(rows.map(({ name, result, note }) => [name.trim(), result, note]).slice(1)).toEqual([
    ['ready (/readyz)', 'passed', 'node 24.0.0'],
    ['stage gateway', 'passed', 'ready'],
    ['engine bus', 'passed', 'ready'],
  ]);
});

test('the check of a bad bid fails when it is accepted, or refused without the path', async () => {
  const answers: [Answer, string, string][] = [
    [{ status: 204 }, 'failed', 'expected 400, got 204'],
    [{ status: 400, body: { error: 'no' } }, 'failed', 'path is undefined, not "tmax"'],
    [
      { status: 400, body: { path: 'tmax', value: -5, allowed: 'a number from 0 on' } },
      'passed',
      '400: tmax -5, allowed is a number from 0 on',
    ],
  ];
  for (const [answer, result, note] of answers) {
    const rows = await rowsOf(await targetWith(() => answer), named('bad bid is refused'));
    expect(rows).toMatchObject([{ result, note }]);
  }
});

test('the check of a repetition fails when it makes a second auction', async () => {
  let auctions = 0;
  const target = await targetWith(() => ({
    status: 204,
    headers: { 'helios-auction-id': `a${auctions++}` },
  }));
  expect(await rowsOf(target, named('Idempotency-Key'))).toMatchObject([
    { result: 'failed', note: 'the repetition made another auction: a0, a1' },
  ]);
});

test('profiles and metrics of another machine are looked at where they are named only', async () => {
  const { addresses } = await targetWith(() => ({ status: 404 }));
  const checks = RECORD_CHECKS.filter(({ name }) => /profile|metrics/.test(name));
  const unnamed = new SmokeTarget({ url: 'http://192.0.2.1', sql: addresses.sql }, 'test');
  expect((await rowsOf(unnamed, checks)).map(({ result }) => result)).toEqual([
    'skipped',
    'skipped',
  ]);
  const grpc = new URL(addresses.url).host;
  const named = new SmokeTarget({ ...addresses, url: 'http://192.0.2.1', grpc }, 'test');
  expect((await rowsOf(named, checks)).map(({ result }) => result)).toEqual(['failed', 'failed']);
});

test('SQL is asked with CLICKHOUSE_TOKEN where that is set', async () => {
  const target = await targetWith(() => ({ status: 200 }));
  vi.stubEnv('CLICKHOUSE_TOKEN', 'a-secret-of-24-characters-or-more');
  expect(target.sqlToken()).toBe('a-secret-of-24-characters-or-more');
});
