import { afterEach, expect, test, vi } from 'vitest';
import { asked } from './api.ts';

afterEach(() => {
  vi.unstubAllGlobals();
});

test('asked() tells an exchange that takes too long from one that cannot be reached', async () => {
  const fail = (error: Error) => vi.stubGlobal('fetch', () => Promise.reject(error));
  fail(new DOMException('signal timed out', 'TimeoutError'));
  const late = { status: 0, message: 'There was no answer within 8 s' };
  expect(await asked('/api/outcomes/')).toEqual({ problem: late });
  fail(new TypeError('Failed to fetch'));
  const away = { status: 0, message: 'The exchange cannot be reached: Failed to fetch' };
  expect(await asked('/api/outcomes/')).toEqual({ problem: away });
});
