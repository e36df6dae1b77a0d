import { afterEach, expect, test, vi } from 'vitest';
import { loadDays } from './days.ts';

afterEach(() => {
  vi.unstubAllGlobals();
});

test('loadDays() tells why there are no days', async () => {
  const error = 'The warehouse has not the memory to answer this';
  vi.stubGlobal('fetch', () => Promise.resolve(Response.json({ error }, { status: 500 })));
  expect(await loadDays()).toEqual({ problem: { status: 500, message: error } });
});
