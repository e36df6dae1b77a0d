import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { BURST_MS, createSampleTraffic, RATE_PER_S, type SampleTraffic } from './sample-traffic.ts';

let traffic: SampleTraffic;
let sent: { id: string }[];
let answer: () => Promise<Response>;
beforeEach(() => {
  vi.useFakeTimers({ now: 1_000 });
  sent = [];
  answer = async () => new Response(null, { status: 204 });
  traffic = createSampleTraffic({
    async send(request) {
      expect(new URL(request.url).pathname).toBe('/openrtb2/auction');
      sent.push(await request.json() as { id: string });
      return await answer();
    },
    clock: { now: () => Date.now() },
    seed: () => Date.now(),
  });
});
afterEach(() => {
  traffic.close();
  vi.useRealTimers();
});

test('a burst sends requests evenly until it is stopped', async () => {
  expect(await ask()).toEqual({ running: false, sent: 0, ratePerS: RATE_PER_S, endsAt: null });
  expect(await post({ running: true })).toEqual({
    running: true,
    sent: 0,
    ratePerS: RATE_PER_S,
    endsAt: 1_000 + BURST_MS,
  });
  await vi.advanceTimersByTimeAsync(2_000);
  expect(sent).toHaveLength(2 * RATE_PER_S);
  expect(new Set(sent.map(({ id }) => id)).size).toBe(2 * RATE_PER_S);
  expect(await post({ running: false })).toMatchObject({ running: false, sent: 2 * RATE_PER_S });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(sent).toHaveLength(2 * RATE_PER_S);
});

test('a burst ends by itself, and starting it again prolongs it', async () => {
  await post({ running: true });
  await vi.advanceTimersByTimeAsync(BURST_MS - 1_000);
  expect(await post({ running: true })).toMatchObject({ endsAt: 2 * BURST_MS });
  await vi.advanceTimersByTimeAsync(BURST_MS - 100);
  expect(await ask()).toMatchObject({ running: true });
  await vi.advanceTimersByTimeAsync(200);
  expect(await ask()).toMatchObject({ running: false, endsAt: null });
  expect(vi.getTimerCount()).toBe(0);
});

test('an exchange that does not answer gets a bounded number of requests', async () => {
  answer = () => new Promise(() => {});
  await post({ running: true });
  await vi.advanceTimersByTimeAsync(20_000);
  expect(sent.length).toBeLessThanOrEqual(50);
});

test('another method is refused with those that are allowed', async () => {
  const answer = await traffic.fetch(
    new Request('http://localhost/api/sample-traffic', { method: 'DELETE' }),
  );
  expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, POST']);
});

test('a gateway that fails does not end the burst', async () => {
  answer = () => Promise.reject(new Error('no'));
  await post({ running: true });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(sent).toHaveLength(RATE_PER_S);
});

test.each([
  ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, '{"running":true}', 415],
  ['plain text', { 'content-type': 'text/plain' }, '{"running":true}', 415],
  ['another value', { 'content-type': 'application/json' }, '{"running":1}', 400],
  ['no JSON', { 'content-type': 'application/json' }, 'true', 400],
  ['half of it', { 'content-type': 'application/json' }, '{"runn', 400],
])('%s starts nothing', async (_what, headers, body, status) => {
  const request = new Request('http://localhost/', { method: 'POST', headers, body });
  expect((await traffic.fetch(request)).status).toBe(status);
  expect(await ask()).toMatchObject({ running: false });
});

async function ask(): Promise<unknown> {
  return await (await traffic.fetch(new Request('http://localhost/'))).json();
}

async function post(body: unknown): Promise<unknown> {
  const headers = { 'content-type': 'application/json' };
  const init = { method: 'POST', headers, body: JSON.stringify(body) };
  return await (await traffic.fetch(new Request('http://localhost/', init))).json();
}
