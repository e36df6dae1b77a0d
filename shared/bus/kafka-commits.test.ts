import { createRequire } from 'node:module';
import type { Consumer } from 'kafkajs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { KafkaCommits } from './kafka-commits.ts';
import './kafka-library.ts';
import { TOPIC_NAMES, type TopicNames } from './kafka-topics.ts';

const names = Object.fromEntries(TOPIC_NAMES.map((topic) => [topic, topic])) as TopicNames;

/** Requests that were made; each is answered by hand. */
const asked: { positions: string[]; answer: PromiseWithResolvers<void> }[] = [];
const consumer = {
  commitOffsets(offsets: { partition: number; offset: string; metadata: string }[]) {
    const positions = offsets.map((one) => `${one.partition}: ${one.offset} ${one.metadata}`);
    const answer = Promise.withResolvers<void>();
    asked.push({ positions, answer });
    return answer.promise;
  },
} as unknown as Consumer;

let commits: KafkaCommits;
beforeEach(() => {
  commits = new KafkaCommits({ names, onError() {} });
});
afterEach(async () => {
  asked.length = 0;
  commits.end();
  await commits.close();
});

function add(partition: number, offset: number, note = ''): void {
  commits.add({ topic: 'ad_events', partition, offset, note });
}

describe('KafkaCommits', () => {
  test('stores all that waits in one request', async () => {
    commits.begin(consumer);
    add(1, 7, 'a');
    add(2, 8);
    const stored = commits.flush();
    await expect.poll(() => asked.length).toBe(1);
    expect(asked[0]!.positions).toEqual(['1: 7 a', '2: 8 ']);
    asked[0]!.answer.resolve();
    await stored;
  });

  test('keeps nothing that comes between two shares', async () => {
    commits.begin(consumer);
    commits.end();
    add(1, 7, 'of a partition that has parted');
    await expect(commits.flush()).rejects.toThrow('are being shared anew');
    commits.begin(consumer);
    await commits.flush();
    expect(asked).toEqual([]);
  });

  test('flush() rejects when what it was to store was forgotten before its turn', async () => {
    commits.begin(consumer);
    add(1, 7);
    const first = commits.flush();
    await expect.poll(() => asked.length).toBe(1);
    add(1, 7, 'the note of a batch');
    const second = commits.flush();
    commits.end();
    commits.begin(consumer);
    asked[0]!.answer.resolve();
    await first;
    await expect(second).rejects.toThrow('are being shared anew');
  });

  test('what failed is stored with the next, but not for another share', async () => {
    commits.begin(consumer);
    for (const share of ['the same', 'another']) {
      add(1, 7);
      const failed = commits.flush();
      await expect.poll(() => asked.length).toBe(1);
      if (share === 'another') {
        commits.end();
        commits.begin(consumer);
      }
      asked.pop()!.answer.reject(new Error('Request timed out'));
      await expect(failed).rejects.toThrow('timed out');
      add(2, 8);
      const stored = commits.flush();
      await expect.poll(() => asked.length).toBe(1);
      const { positions, answer } = asked.pop()!;
      expect(positions).toEqual(share === 'another' ? ['2: 8 '] : ['1: 7 ', '2: 8 ']);
      answer.resolve();
      await stored;
    }
  });
});

describe('a consumer of kafkajs', () => {
  const Runner = createRequire(import.meta.url)('kafkajs/src/consumer/runner') as {
    prototype: { commitOffsets(offsets: object): Promise<void> };
  };
  const store = (runner: object): Promise<void> =>
    Runner.prototype.commitOffsets.call(runner as never, {});

  test('that does not run does not say that positions are stored', async () => {
    const consumerGroup = { commitOffsets: () => Promise.resolve() };
    await expect(store({ running: false, consumerGroup })).rejects.toThrow('does not run');
    await store({ running: true, consumerGroup });
  });

  test('stores positions as the member that was asked, and never later as another', async () => {
    let tries = 0;
    const commitOffsets = () => {
      tries++;
      return Promise.reject(Object.assign(new Error('Closed connection'), { retriable: true }));
    };
    await expect(store({ running: true, consumerGroup: { commitOffsets } })).rejects.toThrow(
      'Closed connection',
    );
    expect(tries).toBe(1);
  });
});
