import { expect, test } from 'vitest';
import { RecentFrames } from './recent-frames.ts';

test('RecentFrames gives the newest ones back, oldest first, whatever their length', () => {
  const frames = new RecentFrames(3);
  expect(frames.length).toBe(0);
  const texts = ['a', 'long é€ '.repeat(50), '', 'short', 'longer again '.repeat(90)];
  texts.forEach((text) => frames.push(text));
  expect(frames.length).toBe(3);
  expect(frames.newest(3)).toEqual(texts.slice(-3));
  expect(frames.newest(1)).toEqual(texts.slice(-1));
  expect(frames.newest(0)).toEqual([]);
});

test('RecentFrames that are to keep none keep none', () => {
  const frames = new RecentFrames(0);
  frames.push('a');
  expect(frames.length).toBe(0);
  expect(frames.newest(0)).toEqual([]);
});
