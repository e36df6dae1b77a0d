import { beforeEach, expect, test } from 'vitest';
import { FRESH_MS, KEPT_MS, RecentAnswers } from './recent-answers.ts';

let now: number;
let made: number;
let errors: unknown[];
let answers: RecentAnswers<number>;
const make = () => Promise.resolve(++made);
const fail = () => Promise.reject(new Error('away'));
/** Until what was begun in the background is done. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

beforeEach(() => {
  now = 1_000_000;
  made = 0;
  errors = [];
  answers = new RecentAnswers({ now: () => now }, (error) => errors.push(error));
});

test('an answer is made once for all who ask while it is made or fresh', async () => {
  expect(await Promise.all([answers.get('a', make), answers.get('a', make)])).toEqual([1, 1]);
  now += FRESH_MS - 1;
  expect(await answers.get('a', make)).toBe(1);
  expect(await answers.get('b', make)).toBe(2);
});

test('one past its time is given at once while the next is made', async () => {
  await answers.get('a', make);
  now += FRESH_MS;
  expect(await Promise.all([answers.get('a', make), answers.get('a', make)])).toEqual([1, 1]);
  await settle();
  expect([await answers.get('a', make), made]).toEqual([2, 2]);
});

test('one that is too old is not given', async () => {
  await answers.get('a', make);
  now += KEPT_MS;
  expect(await answers.get('a', make)).toBe(2);
});

test('a failure reaches who waits for it, and is not kept', async () => {
  await expect(answers.get('a', fail)).rejects.toThrow('away');
  expect(await answers.get('a', make)).toBe(1);
  expect(errors).toEqual([]);
});

test('a failure in the background is told, and the answer stays', async () => {
  await answers.get('a', make);
  now += FRESH_MS;
  expect(await answers.get('a', fail)).toBe(1);
  await settle();
  expect(errors).toHaveLength(1);
  expect(await answers.get('a', make)).toBe(1);
  await settle();
  expect(await answers.get('a', make)).toBe(2);
});

test('what is not worth keeping is made anew', async () => {
  const even = new RecentAnswers<number>(
    { now: () => now },
    (error) => errors.push(error),
    (answer) => answer % 2 === 0,
  );
  const asked: number[] = [];
  for (let n = 0; n < 4; n++) asked.push(await even.get('a', make));
  expect(asked).toEqual([1, 2, 2, 2]);
});

test('a hundred are kept, those made last', async () => {
  for (let n = 0; n <= 100; n++) await answers.get(`${n}`, make);
  expect(await answers.get('1', make)).toBe(2);
  expect(await answers.get('0', make)).toBe(102);
});
