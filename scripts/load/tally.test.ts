import { Buffer } from 'node:buffer';
import { expect, test } from 'vitest';
import type { Answer } from './http-client.ts';
import { Tally } from './tally.ts';

const answer = (status: number, body = ''): Answer => ({
  kind: 'answer',
  status,
  body: Buffer.from(body),
});

test('Tally.record() tells filled, no bid, shed and errors apart', () => {
  const tally = new Tally();
  tally.record(answer(200, '{"id":"1","seatbid":[{"bid":[{"id":"b"}]}]}'), 2);
  tally.record(answer(200, '{"id":"2","seatbid":[],"nbr":500}'), 2);
  tally.record(answer(204), 2);
  tally.record(answer(503), 9_000);
  tally.record(answer(400), 9_000);
  tally.record({ kind: 'failure', reason: 'connection reset' }, 9_000);
  expect({ ...tally, errors: Object.fromEntries(tally.errors) }).toMatchObject({
    sent: 6,
    filled: 1,
    noBid: 2,
    shed: 1,
    errors: { 'HTTP 400': 1, 'connection reset': 1 },
  });
  // Only answers count: what failed slowly must not spoil the latencies, nor a fast 503 polish them.
  expect(tally.latencies.count).toBe(3);
  expect(tally.latencies.maxMs).toBe(2);
});

test('Tally.summary() lists every kind of error', () => {
  const tally = new Tally();
  for (let n = 0; n < 3; n++) tally.record(answer(204), 1.5);
  tally.record(answer(413), 1);
  expect(tally.summary(2_000).split('\n').map((line) => line.trim().split(/\s{2,}/))).toEqual([
    ['sent', '4', '2 per second'],
    ['filled', '0', '0.0 %'],
    ['no bid', '3', '75.0 %'],
    ['shed (503)', '0', '0.0 %'],
    ['errors', '1', '25.0 %'],
    ['HTTP 413', '1'],
    ['p50', '1.50', 'ms'],
    ['p90', '1.50', 'ms'],
    ['p99', '1.50', 'ms'],
    ['max', '1.50', 'ms'],
  ]);
});

test('Tally.summary() has a rate below one, too', () => {
  const tally = new Tally();
  tally.record(answer(204), 1);
  expect(tally.summary(4_000)).toMatch(/^sent +1 {2}0\.3 per second$/m);
});

test('Tally.summary() counts what was never sent in its shares', () => {
  const tally = new Tally();
  tally.record(answer(204), 1);
  for (let n = 0; n < 3; n++) tally.fail('not sent: 10000 in flight');
  expect(tally.summary(1_000)).toMatch(/^no bid +1 {2}25\.0 %$/m);
  expect(tally.summary(1_000)).toMatch(/^errors +3 {2}75\.0 %$/m);
});
