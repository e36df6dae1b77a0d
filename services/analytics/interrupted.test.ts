import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Bus, Position } from '#shared/bus/bus.ts';
import { createEmbeddedBus } from '#shared/bus/embedded.ts';
import { interruptedBatches, readRanges } from './interrupted.ts';
import { outcome } from './test-records.ts';

const TOPIC = 'auction_outcomes';
const TOKEN = 'auction_outcomes:0:5-6,auction_outcomes:2:9-9';
const RANGES = [{ partition: 0, first: 5, last: 6 }, { partition: 2, first: 9, last: 9 }];

function share(positions: Record<number, Position>, partitions = [0, 1, 2]) {
  return { partitions, position: (_topic: string, partition: number) => positions[partition] };
}

describe('interruptedBatches()', () => {
  test('finds nothing without positions, notes or tokens', () => {
    expect(interruptedBatches(TOPIC, share({}))).toEqual([]);
    const others = share({ 0: { offset: 5, note: '' }, 1: { offset: 1, note: 'something else' } });
    expect(interruptedBatches(TOPIC, others)).toEqual([]);
  });

  test('finds a batch once and gives it to the reader of its lowest partition', () => {
    const noted = { 0: { offset: 5, note: TOKEN }, 2: { offset: 9, note: TOKEN } };
    expect(interruptedBatches(TOPIC, share(noted)))
      .toEqual([{ token: TOKEN, ranges: RANGES, mine: true }]);
    expect(interruptedBatches(TOPIC, share(noted, [0, 1])))
      .toEqual([{ token: TOKEN, ranges: RANGES, mine: true }]);
    expect(interruptedBatches(TOPIC, share(noted, [2, 3])))
      .toEqual([{ token: TOKEN, ranges: RANGES, mine: false }]);
  });

  test('knows that a batch was finished when the note of its lowest partition is gone', () => {
    const positions = { 0: { offset: 7, note: '' }, 2: { offset: 9, note: TOKEN } };
    expect(interruptedBatches(TOPIC, share(positions)))
      .toEqual([{ token: TOKEN, ranges: RANGES, mine: false }]);
  });
});

describe('readRanges()', () => {
  let bus: Bus;
  const failures: unknown[] = [];
  beforeEach(async () => {
    bus = await createEmbeddedBus({ partitions: 3, onError: (error) => failures.push(error) });
    for (let offset = 0; offset < 12; offset++) {
      await bus.publish(
        TOPIC,
        [0, 1, 2].map((partition) => ({ partition, value: outcome(offset) })),
      );
    }
  });
  afterEach(async () => {
    await bus.close();
    expect(failures.splice(0)).toEqual([]);
  });

  const read = async (ranges: typeof RANGES): Promise<{ taken: string[]; missing: number }> => {
    const taken: string[] = [];
    const missing = await readRanges(bus, TOPIC, ranges, ({ partition, offset }) => {
      taken.push(`${partition}/${offset}`);
    });
    return { taken: taken.sort(), missing };
  };

  test('hands over the records of the ranges and no other', async () => {
    expect(await read(RANGES)).toEqual({ taken: ['0/5', '0/6', '2/9'], missing: 0 });
  });

  test('says how many are not there', async () => {
    expect(await read([{ partition: 1, first: 10, last: 14 }]))
      .toEqual({ taken: ['1/10', '1/11'], missing: 3 });
  });
});
