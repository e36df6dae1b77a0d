import { createRequire } from 'node:module';
import type { Consumer, ConsumerRunConfig, EachBatchPayload } from 'kafkajs';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { runPaced } from './kafka-consumer.ts';
import { FETCH_PACE_MS } from './kafka-paces.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('fetches from a broker keep a pace, and all they bring is taken at once', async () => {
  const { consumer, stop } = fakeConsumer([
    { nodeId: 1, topics: ['a', 'b', 'c', 'd'], answerMs: 0 },
    { nodeId: 2, topics: ['e', 'f'], answerMs: 1 },
  ]);
  const begun = performance.now();
  const taken: string[] = [];
  void runPaced(consumer, ({ topic }) => {
    taken.push(`${topic} ${performance.now() - begun}`);
  });
  await vi.advanceTimersByTimeAsync(2 * FETCH_PACE_MS + 2);
  const stopped = stop();
  await vi.advanceTimersByTimeAsync(2 * FETCH_PACE_MS);
  await stopped;
  // The first fetch was alone, so the second one did not wait.
  const at = (ms: number) => [ms, 2 * ms, 2 * ms + FETCH_PACE_MS, 2 * ms + 2 * FETCH_PACE_MS];
  const expected = [
    ...['a', 'b', 'c', 'd'].flatMap((topic) => at(0).map((ms) => `${topic} ${ms}`)),
    ...['e', 'f'].flatMap((topic) => at(1).map((ms) => `${topic} ${ms}`)),
  ];
  expect(taken.toSorted()).toEqual(expected.toSorted());
});

interface Broker {
  nodeId: number;
  /** It always has a record of each of them. */
  topics: readonly string[];
  answerMs: number;
}

/** A consumer with kafkajs's own loops. */
function fakeConsumer(brokers: readonly Broker[]) {
  const fetchManager = createRequire(import.meta.url)('kafkajs/src/consumer/fetchManager') as (
    setup: object,
  ) => { start(): Promise<void>; stop(): Promise<void> };
  const log = { debug() {}, info() {}, namespace: () => log };
  let fetched: (event: object) => void = () => {};
  let stop = () => Promise.resolve();
  const consumer = {
    events: { FETCH: 'consumer.fetch' },
    on: (_event: string, listener: typeof fetched) => fetched = listener,
    run({ eachBatch, partitionsConsumedConcurrently }: ConsumerRunConfig) {
      const manager = fetchManager({
        logger: log,
        getNodeIds: () => brokers.map(({ nodeId }) => nodeId),
        concurrency: partitionsConsumedConcurrently,
        async fetch(id: number) {
          const { topics, answerMs } = brokers.find(({ nodeId }) => nodeId === id)!;
          if (answerMs > 0) await new Promise((resolve) => setTimeout(resolve, answerMs));
          fetched({ payload: { nodeId: id } });
          return topics.map((topic) => ({ topic, partition: 0 }));
        },
        handler: (batch: unknown) => eachBatch!({ batch } as EachBatchPayload),
      });
      stop = () => manager.stop();
      return manager.start();
    },
  };
  return { consumer: consumer as unknown as Consumer, stop: () => stop() };
}
