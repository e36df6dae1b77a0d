import { expect, test } from 'vitest';
import { PartitionBreaker } from './partition-breaker.ts';

/** One auction in each turn of 20 ms. */
const take = (breaker: PartitionBreaker, count: number, now = 0): number[] =>
  Array.from({ length: count }, (_, n) => breaker.next(now + 20 * n));

function broken(partition: number): PartitionBreaker {
  const breaker = new PartitionBreaker([1, 3, 5]);
  for (let n = 0; n < 3; n++) breaker.missed(partition, 100, 0);
  return breaker;
}

test('partitions have their turns', () => {
  expect(take(new PartitionBreaker([1, 3, 5]), 5)).toEqual([1, 3, 5, 1, 3]);
});

test('auctions that begin together stay together', () => {
  const breaker = new PartitionBreaker([1, 3, 5]);
  const at = (now: number): number => breaker.next(now);
  expect([0, 0, 7, 19].map(at)).toEqual([1, 1, 1, 1]);
  expect([20, 39, 40, 60].map(at)).toEqual([3, 3, 5, 1]);
});

test('a clock that is set back does not keep a turn going', () => {
  const breaker = new PartitionBreaker([1, 3]);
  expect([breaker.next(1_000), breaker.next(500), breaker.next(501)]).toEqual([1, 3, 3]);
});

test('a turn ends when its partition stops answering', () => {
  const breaker = new PartitionBreaker([1, 3]);
  expect(breaker.next(0)).toBe(1);
  for (let n = 0; n < 3; n++) breaker.missed(1, 100, 1);
  expect(breaker.next(2)).toBe(3);
});

test('after three misses in a row a partition is passed over', () => {
  const breaker = broken(3);
  expect(take(breaker, 4)).toEqual([1, 5, 1, 5]);
  expect(breaker.broken).toBe(1);
});

test('an answer in between begins the count anew', () => {
  const breaker = new PartitionBreaker([1, 3]);
  for (let n = 0; n < 5; n++) {
    breaker.missed(3, 100, 0);
    breaker.missed(3, 100, 0);
    breaker.answered(3);
  }
  expect(take(breaker, 2)).toEqual([1, 3]);
});

test('a partition that is passed over gets one auction a second, and all when it answers', () => {
  const breaker = broken(3);
  expect(take(breaker, 5, 1_000)).toEqual([1, 3, 5, 1, 5]);
  expect(take(breaker, 4, 1_900)).not.toContain(3);
  expect(take(breaker, 4, 2_020).filter((partition) => partition === 3)).toHaveLength(1);
  breaker.answered(3);
  expect(breaker.broken).toBe(0);
  expect(take(breaker, 3, 2_200).toSorted()).toEqual([1, 3, 5]);
});

test('when no partition answers they are all tried in turn', () => {
  const breaker = new PartitionBreaker([1, 3]);
  for (const partition of [1, 3, 1, 3, 1, 3]) breaker.missed(partition, 100, 0);
  expect(take(breaker, 4)).toEqual([1, 3, 1, 3]);
});

test('an auction in a hurry says nothing of its partition', () => {
  const breaker = new PartitionBreaker([1, 3]);
  for (let n = 0; n < 9; n++) breaker.missed(3, 20, 0);
  expect(take(breaker, 2)).toEqual([1, 3]);
});
