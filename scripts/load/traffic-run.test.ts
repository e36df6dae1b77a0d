import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { createHttpClient, type HttpClient } from './http-client.ts';
import { Tally } from './tally.ts';
import { runTraffic } from './traffic-run.ts';

const closers: (() => void)[] = [];
afterEach(() => closers.splice(0).forEach((close) => close()));

/** A server that answers the nth body (from 0) with what `answer` says. */
async function serverWith(
  answer: (n: number) => number,
): Promise<{ url: string; bodies: string[] }> {
  const bodies: string[] = [];
  const server = http.createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    const status = answer(bodies.push(body) - 1);
    if (status === 0) return request.socket.destroy();
    response.writeHead(status).end(status === 200 ? '{"seatbid":[{}]}' : undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => server.close().closeAllConnections());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, bodies };
}

function clientOf(url: string, timeoutMs = 10_000): HttpClient {
  const client = createHttpClient({ url, connectionsMax: 4, timeoutMs });
  closers.push(() => client.close());
  return client;
}

const never = new AbortController().signal;
const atOnce = (count: number) => Array.from({ length: count }, () => 0);

test('runTraffic() sends every planned request and counts each answer by kind', async () => {
  const { url, bodies } = await serverWith((n) => [200, 204, 503, 400, 0][n % 5]!);
  const tally = new Tally();
  await runTraffic({ client: clientOf(url), times: atOnce(50), seed: 7, signal: never, tally });
  expect(bodies.map((body) => JSON.parse(body).id).sort()).toEqual(
    Array.from({ length: 50 }, (_, n) => `7-${n}`).sort(),
  );
  expect(tally).toMatchObject({ sent: 50, filled: 10, noBid: 10, shed: 10, errorCount: 20 });
  expect(tally.errors.get('HTTP 400')).toBe(10);
});

test('runTraffic() counts latency from the planned time, not from the sending', async () => {
  const { url } = await serverWith(() => 204);
  const tally = new Tally();
  const times = [-60_000, -60_000];
  await runTraffic({ client: clientOf(url), times, seed: 7, signal: never, tally });
  expect(tally.latencies.percentileMs(0)).toBeGreaterThanOrEqual(60_000);
});

test('runTraffic() stops at the signal and still waits for what is under way', async () => {
  const stop = new AbortController();
  const { url, bodies } = await serverWith(() => {
    stop.abort();
    return 204;
  });
  const tally = new Tally();
  const times = [0, 3_600_000];
  await runTraffic({ client: clientOf(url), times, seed: 7, signal: stop.signal, tally });
  expect(bodies.length).toBe(1);
  expect(tally).toMatchObject({ sent: 1, noBid: 1 });
});

test('HttpClient.send() names why there is no answer', async () => {
  const { url } = await serverWith(() => 204);
  closers.splice(0).forEach((close) => close());
  expect(await clientOf(url).send('GET', '/')).toEqual({
    kind: 'failure',
    reason: 'connection refused',
  });
});

test('HttpClient.send() gives up on a server that does not answer', async () => {
  const server = http.createServer(() => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => server.close().closeAllConnections());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  expect(await clientOf(url, 20).send('POST', '/', '{}')).toEqual({
    kind: 'failure',
    reason: 'no answer in time',
  });
});
