import { describe, expect, test } from 'vitest';
import type { Position, Received } from '#shared/bus/bus.ts';
import { createRepair, interruptedBatches } from './interrupted.ts';
import { outcome } from './test-records.ts';

const TOKEN = 'auction_outcomes:0:5-6,auction_outcomes:2:9-9';

function reader(positions: Record<number, Position>) {
  return { partitions: [0, 1, 2], position: (partition: number) => positions[partition] };
}

describe('interruptedBatches()', () => {
  test('finds nothing without positions, notes or tokens', () => {
    expect(interruptedBatches('auction_outcomes', reader({}))).toEqual([]);
    const others = reader({ 0: { offset: 5, note: '' }, 1: { offset: 1, note: 'something else' } });
    expect(interruptedBatches('auction_outcomes', others)).toEqual([]);
  });

  test('finds a batch once, in whichever partition its note is', () => {
    const ranges = [{ partition: 0, first: 5, last: 6 }, { partition: 2, first: 9, last: 9 }];
    const noted = { 0: { offset: 5, note: TOKEN }, 2: { offset: 9, note: TOKEN } };
    const half = { 2: { offset: 9, note: TOKEN } };
    for (const positions of [noted, half]) {
      expect(interruptedBatches('auction_outcomes', reader(positions)))
        .toEqual([{ token: TOKEN, ranges, inserted: false }]);
    }
  });

  test('knows that a batch is inserted when one position is behind it', () => {
    const positions = { 0: { offset: 7, note: '' }, 2: { offset: 9, note: TOKEN } };
    expect(interruptedBatches('auction_outcomes', reader(positions)))
      .toMatchObject([{ token: TOKEN, inserted: true }]);
  });
});

describe('createRepair()', () => {
  const record = (partition: number, offset: number): Received<'auction_outcomes'> => ({
    partition,
    offset,
    value: outcome(offset),
  });

  test('collects the records of the ranges once each and no other', async () => {
    const interrupted = interruptedBatches(
      'auction_outcomes',
      reader({ 0: { offset: 5, note: TOKEN } }),
    );
    const added: string[] = [];
    const repair = createRepair<'auction_outcomes'>(
      'auction_outcomes',
      interrupted,
      (_batch, { partition, offset }) => added.push(`${partition}/${offset}`),
    );
    repair.collect([record(0, 5), record(0, 5), record(0, 6), record(0, 7)]);
    expect(repair.parts[0]!.missing).toBe(1);
    repair.collect([record(1, 9), record(2, 8), record(2, 9), record(2, 10)]);
    await repair.complete;
    expect(added).toEqual(['0/5', '0/6', '2/9']);
  });
});
