import { expect, test } from 'vitest';
import { PASSED_OVER_MS, Upstreams } from './upstreams.ts';

test('inTurn() begins with another one each time', () => {
  const upstreams = new Upstreams(['a', 'b', 'c']);
  expect([0, 0, 0, 0].map((now) => upstreams.inTurn(now).join(''))).toEqual([
    'abc',
    'bca',
    'cab',
    'abc',
  ]);
});

test('one that failed comes last for a while, or until it answers', () => {
  const upstreams = new Upstreams(['a', 'b']);
  upstreams.failed('a', 1_000);
  expect(upstreams.inTurn(1_000)).toEqual(['b', 'a']);
  expect(upstreams.inTurn(999 + PASSED_OVER_MS)).toEqual(['b', 'a']);
  expect(upstreams.inTurn(1_000 + PASSED_OVER_MS)).toEqual(['a', 'b']);
  upstreams.failed('b', 10_000);
  upstreams.answered('b');
  expect(upstreams.inTurn(10_001)).toEqual(['b', 'a']);
});

test('when all have failed all are still tried', () => {
  const upstreams = new Upstreams(['a', 'b']);
  upstreams.failed('a', 0);
  upstreams.failed('b', 0);
  expect(upstreams.inTurn(1)).toEqual(['a', 'b']);
});
