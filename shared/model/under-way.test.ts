import { expect, test } from 'vitest';
import { UnderWay } from './under-way.ts';

test('UnderWay has ended when all its work has, well or not', async () => {
  const underWay = new UnderWay();
  await underWay.ended();
  const [one, other] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  underWay.keep(one.promise);
  underWay.keep(other.promise);
  let ended = 0;
  const waiting = [underWay.ended(), underWay.ended()].map((end) => end.then(() => ended++));
  one.reject(new Error('Not our concern'));
  await Promise.resolve().then(() => {});
  expect(ended).toBe(0);
  other.resolve();
  await Promise.all(waiting);
  expect(ended).toBe(2);
  await underWay.ended();
});
