import { afterEach, expect, test, vi } from 'vitest';
import type { SeriesAnswer } from './answers.ts';
import { loadSeries, spanOf } from './series.ts';

const asked: string[] = [];

function answerWith(answers: Record<string, unknown>, status = 200): void {
  vi.stubGlobal('fetch', ({ pathname, search }: URL) => {
    asked.push(pathname + search);
    return Promise.resolve(Response.json(answers[pathname], { status }));
  });
}
afterEach(() => {
  vi.unstubAllGlobals();
  asked.length = 0;
});

const SERIES = { since: '2026-11-26T10:00:00Z', until: '2026-11-26T12:00:00Z', step: 'minute' };
const fields = 'fields=time%2Cimpressions_offered%2Cwon';

test('a chart of all time begins with the oldest outcome the filters let through', async () => {
  const time = '2024-02-03T04:05:06.789Z';
  answerWith({ '/api/outcomes/': { results: [{ time }] }, '/api/outcomes/series': SERIES });
  expect(await loadSeries('seat=acme')).toEqual({ answer: SERIES });
  expect(asked).toEqual([
    '/api/outcomes/?seat=acme&sort=time&order=asc&limit=1&fields=time',
    `/api/outcomes/series?seat=acme&since=${encodeURIComponent(time)}&${fields}`,
  ]);
});

test('a chart of a range, and of nothing, asks once for what it needs', async () => {
  answerWith({ '/api/outcomes/': { results: [] }, '/api/outcomes/series': SERIES });
  await loadSeries('since=2026-11-26');
  expect(asked).toEqual([`/api/outcomes/series?since=2026-11-26&${fields}`]);
  await loadSeries('');
  expect(asked.at(-1)).toBe(`/api/outcomes/series?${fields}`);
});

test("a chart that is refused has the exchange's own words", async () => {
  const error = 'Invalid request: win_status: allowed is won or no_bid';
  answerWith({ '/api/outcomes/': { error } }, 400);
  expect(await loadSeries('win_status=maybe')).toEqual({
    problem: { status: 400, message: error },
  });
});

test('spanOf() names seconds, and years where it is long', () => {
  const span: SeriesAnswer = { ...SERIES, step: 'minute', results: [] };
  expect(spanOf(span, true)).toMatch(/^Nov 26.*10:00:00 to now, by minute$/);
  expect(spanOf(span, false)).toMatch(/ to Nov 26.*12:00:00, by minute$/);
  expect(spanOf({ ...span, step: 'day' }, true)).toMatch(/, by UTC day$/);
  expect(spanOf({ ...span, since: '2024-02-03', step: 'month' }, true)).toMatch(
    /^Feb 3, 2024 to now, by UTC month$/,
  );
});
