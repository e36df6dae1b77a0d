import { Buffer } from 'node:buffer';
import { createRequire } from 'node:module';
import { expect, it, vi } from 'vitest';
import { reuse, writeProduce } from './kafka-produce.ts';

const load = createRequire(import.meta.url);
const NOW = Date.parse('2026-11-26T12:00:00Z');

const text = 'x'.repeat(5_000);
const messages = [
  { key: 'auction-1', value: '{"site":"bücher.example","price":1}' },
  { key: 'auction-2', value: text, headers: { traceparent: '00-ab-cd-01', fault: 'ünreadable' } },
  { value: Buffer.from([0, 255, 128]) },
  { key: null, value: null },
];
const order = {
  acks: -1,
  timeout: 5_000,
  topicData: [{
    topic: 'auction_outcomes',
    partitions: [
      { partition: 0, messages },
      // More than 64 and more than 8,191 take another byte for their place.
      { partition: 3, messages: Array.from({ length: 9_000 }, () => messages[0]!) },
    ],
  }],
};

it('writeProduce() writes what kafkajs would', async () => {
  vi.useFakeTimers({ now: NOW, toFake: ['Date'] });
  const expected = await asKafkajs(7, 1_000, 'helios').finally(() => vi.useRealTimers());
  const header = { version: 7, correlationId: 1_000, clientId: 'helios' };
  const written = writeProduce(order, header, NOW);
  expect(written.equals(expected)).toBe(true);
});

it('writeProduce() writes into memory that was given back, and into no other', () => {
  const header = { version: 7, correlationId: 1, clientId: 'helios' };
  const first = writeProduce(order, header, NOW);
  const bytes = Buffer.from(first);
  const second = writeProduce(order, { ...header, correlationId: 2 }, NOW);
  expect(second.buffer).not.toBe(first.buffer);
  expect(first.equals(bytes)).toBe(true);
  reuse(second);
  expect(writeProduce(order, header, NOW).buffer).toBe(second.buffer);
});

/** With its own modules, which kafka-library.ts leaves as they are. */
async function asKafkajs(version: number, correlationId: number, clientId: string) {
  const make = load(`kafkajs/src/protocol/requests/produce/v${version}/request`) as (
    of: typeof order,
  ) => { apiKey: number; encode(): Promise<unknown> };
  const frame = load('kafkajs/src/protocol/request') as (
    of: { correlationId: number; clientId: string; request: ReturnType<typeof make> },
  ) => Promise<{ buffer: Buffer }>;
  return (await frame({ correlationId, clientId, request: make(order) })).buffer;
}
