import { expect, test } from 'vitest';
import { trafficOption } from './chart-options.ts';
import type { ChartColours } from './echarts.ts';
import { testSecond } from './test-second.ts';

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

interface FillSeries {
  id: string;
  data: (number | null)[];
  connectNulls?: boolean;
}
