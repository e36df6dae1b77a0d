import { afterEach, expect, test } from 'vitest';
import { pricesOption, trafficOption } from './chart-options.ts';
import type { ChartColours } from './echarts.ts';
import { testSecond } from './test-second.ts';

afterEach(() => {
  delete document.documentElement.dataset['locale'];
});

const second = (at: number, imps: number) => testSecond(at, { auctions: imps, imps, won: imps });

test('trafficOption() draws no fill rate over seconds without auctions', () => {
  const seconds = Array.from({ length: 30 }, (_, at) => second(at, at === 0 || at === 20 ? 3 : 0));
  const { series } = trafficOption(seconds)({} as ChartColours) as { series: FillSeries[] };
  const fill = series.find(({ id }) => id === 'fill')!;
  // One second alone counts for five, so that a seldom auction is a dash and no unseen point.
  const dash = Array<number>(5).fill(1);
  const gap = Array<null>(15).fill(null);
  expect(fill.data).toEqual([...dash, ...gap, ...dash, ...gap.slice(0, 5)]);
  expect(fill.connectNulls ?? false).toBe(false);
});

test('pricesOption() names classes of prices as the reader writes figures', () => {
  document.documentElement.dataset['locale'] = 'de-DE';
  const prices = { bounds: [219_000, 1_500_000], won: [1, 0, 0], lost: [0, 2, 3] };
  const { xAxis } = pricesOption(prices)({} as ChartColours) as { xAxis: { data: string[] } };
  expect(xAxis.data).toEqual(['≤ 0,22', '≤ 1,5', '> 1,5']);
});

interface FillSeries {
  id: string;
  data: (number | null)[];
  connectNulls?: boolean;
}
