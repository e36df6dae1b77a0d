import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  auctionIdShare,
  isSampled,
  makeAuctionId,
  parseAuctionId,
  PARTITIONS_MAX,
  RANDOM_LENGTH,
} from './auction-id.ts';

const random = fc.uint8Array({ minLength: RANDOM_LENGTH, maxLength: RANDOM_LENGTH });
const time = fc.integer({ min: 0, max: 32 ** 9 - 1 });
const partition = fc.integer({ min: 0, max: PARTITIONS_MAX - 1 });

describe('makeAuctionId()', () => {
  test('carries time and partition back', () => {
    fc.assert(fc.property(time, partition, random, (timeMs, p, bytes) => {
      expect(parseAuctionId(makeAuctionId(timeMs, p, bytes))).toEqual({ timeMs, partition: p });
    }));
  });

  test('sorts by time as text', () => {
    fc.assert(fc.property(time, time, random, (a, b, bytes) => {
      const [first, second] = [a, b].map((timeMs) => makeAuctionId(timeMs, 0, bytes)) as [
        string,
        string,
      ];
      expect(first < second).toBe(a < b);
    }));
  });
});

describe('parseAuctionId()', () => {
  test.each(['', 'x', '0'.repeat(22), '0'.repeat(24), `${'0'.repeat(22)}i`, `${'0'.repeat(22)}A`])(
    'refuses %j',
    (text) => expect(parseAuctionId(text)).toBeUndefined(),
  );
});

describe('isSampled()', () => {
  test('takes the share it is told, always the same auctions', () => {
    const bytes = (n: number) =>
      Uint8Array.from({ length: 12 }, (_, i) => (n * 2_654_435_761 >>> (i * 2)) & 255);
    const ids = Array.from(
      { length: 4_000 },
      (_, n) => makeAuctionId(Date.UTC(2025, 11, 17), 0, bytes(n)),
    );
    const taken = ids.filter((id) => isSampled(id, 0.25));
    expect(taken.length / ids.length).toBeGreaterThan(0.2);
    expect(taken.length / ids.length).toBeLessThan(0.3);
    expect(taken.every((id) => isSampled(id, 0.5))).toBe(true);
    expect(ids.every((id) => isSampled(id, 1))).toBe(true);
    expect(ids.some((id) => isSampled(id, 0))).toBe(false);
    expect(auctionIdShare(ids[0]!)).toBeLessThan(1);
  });
});
