import { expect, test } from 'vitest';
import { within } from './within.ts';

const HOUR_MS = 3_600_000;

test('gives what comes in time', async () => {
  expect(await within(Promise.resolve('answer'), HOUR_MS)).toBe('answer');
  await expect(within(Promise.reject(new Error('refused')), HOUR_MS)).rejects.toThrow('refused');
});

test('gives nothing where it takes longer, or where there is no time', async () => {
  const never = new Promise<string>(() => {});
  expect(await within(never, 1)).toBeUndefined();
  expect(await within(Promise.resolve('answer'), 0)).toBeUndefined();
});

test('a promise that rejects later concerns nobody', async () => {
  const { promise, reject } = Promise.withResolvers<string>();
  expect(await within(promise, 1)).toBeUndefined();
  reject(new Error('late'));
  await new Promise((resolve) => setTimeout(resolve, 5));
});
