/** What each chart draws, as ECharts options: pure, without the library. */
import type { LivePrices, LiveSecond } from '#shared/model/live.ts';
import { MICROS_PER_CPM } from '#shared/model/money.ts';
import type { DayAnswer, SeriesAnswer } from './answers.ts';
import type { ChartColours, ChartOption } from './echarts.ts';
import {
  aboutCpm,
  averageCpm,
  clock,
  compact,
  count,
  day,
  dayAndMinute,
  minute,
  money,
  month,
  percent,
  shortMoney,
} from './format.ts';
import { fillRate, sum } from './live-figures.ts';

type Draw = (colours: ChartColours) => ChartOption;

/** An axis of shares beside one of amounts: its lines would only disturb. */
const SHARES = { min: 0, max: 1, interval: 0.5, splitLine: { show: false } };

/** Below the axis there is room for what letters hang down. */
const GRID = { left: 4, right: 4, top: 12, bottom: 4, outerBoundsMode: 'same' };

/** Auctions per second as an area, fill rate as a line over it. */
export function trafficOption(seconds: readonly LiveSecond[]): Draw {
  const times = seconds.map(({ at }) => clock(at * 1_000));
  return (colours) => ({
    grid: GRID,
    xAxis: {
      ...categoryAxis(times, colours, { interval: 59, showMaxLabel: false }),
      boundaryGap: false,
    },
    yAxis: [
      valueAxis(colours, { minInterval: 1, format: compact }),
      { ...valueAxis(colours, { format: percent }), ...SHARES },
    ],
    series: [
      {
        id: 'auctions',
        name: 'Auctions/s',
        type: 'line',
        data: seconds.map(({ auctions }) => auctions),
        symbol: 'none',
        lineStyle: { width: 1.5, color: colours.accent },
        itemStyle: { color: colours.accent },
        areaStyle: { color: colours.accent, opacity: 0.14 },
        tooltip: { valueFormatter: (value: number) => count(value) },
      },
      {
        id: 'fill',
        name: 'Fill rate',
        type: 'line',
        yAxisIndex: 1,
        data: smoothed(seconds),
        symbol: 'none',
        lineStyle: { width: 1.5, color: colours.won },
        itemStyle: { color: colours.won },
        tooltip: { valueFormatter: (value: number | null) => percent(value ?? null) },
      },
    ],
  });
}

/** Seconds around each one whose shares are taken together: one second alone jumps. */
const SMOOTH_S = 5;

function smoothed(seconds: readonly LiveSecond[]): (number | null)[] {
  return seconds.map((_, index) =>
    fillRate(seconds.slice(Math.max(0, index - SMOOTH_S + 1), index + 1))
  );
}

/** How winning and losing bids are spread over prices; classes at the ends without bids are left out. */
export function pricesOption(prices: LivePrices): Draw {
  const { from, to } = occupied(prices);
  const names = prices.won.map((_, index) => className(prices.bounds, index)).slice(from, to);
  return (colours) => ({
    grid: GRID,
    xAxis: categoryAxis(names, colours, { hideOverlap: true }),
    yAxis: valueAxis(colours, { minInterval: 1, format: compact }),
    series: [
      bars('Won', prices.won.slice(from, to), colours.won, 'bids'),
      bars('Lost', prices.lost.slice(from, to), colours.lost, 'bids'),
    ],
  });
}

/** Classes shown on both sides of those with bids. */
const MARGIN_CLASSES = 1;

function occupied({ won, lost }: LivePrices): { from: number; to: number } {
  const used = won.map((n, index) => n + (lost[index] ?? 0) > 0);
  if (!used.includes(true)) return { from: 0, to: used.length };
  return {
    from: Math.max(0, used.indexOf(true) - MARGIN_CLASSES),
    to: used.lastIndexOf(true) + 1 + MARGIN_CLASSES,
  };
}

function className(bounds: readonly number[], index: number): string {
  const upper = bounds[index];
  const text = (micros: number): string => aboutCpm(micros / MICROS_PER_CPM);
  return upper === undefined ? `> ${text(bounds.at(-1) ?? 0)}` : `≤ ${text(upper)}`;
}

/** Revenue of days as bars, win rate as a line. */
export function daysOption(days: readonly DayAnswer[]): Draw {
  return (colours) => ({
    grid: GRID,
    xAxis: categoryAxis(days.map((row) => day(row.day)), colours, { hideOverlap: true }),
    yAxis: [
      valueAxis(colours, {
        format: (value) => shortMoney(value, days[0]?.currency ?? 'USD'),
      }),
      {
        ...valueAxis(colours, { format: percent }),
        ...SHARES,
      },
    ],
    series: [
      {
        id: 'revenue',
        name: 'Revenue',
        type: 'bar',
        barMaxWidth: 26,
        data: days.map(({ revenue }) => revenue),
        itemStyle: { color: colours.accent, borderRadius: [3, 3, 0, 0] },
        tooltip: {
          valueFormatter: (value: number) => money(value, days[0]?.currency ?? 'USD'),
        },
      },
      {
        id: 'win_rate',
        name: 'Win rate',
        type: 'line',
        yAxisIndex: 1,
        data: days.map(({ win_rate }) => win_rate),
        symbol: 'circle',
        symbolSize: 5,
        lineStyle: { width: 1.5, color: colours.won },
        itemStyle: { color: colours.won },
        tooltip: { valueFormatter: (value: number | null) => percent(value ?? null) },
      },
    ],
  });
}

/** What the begin of a step is called on the axis: the API's own time. */
const STEP_NAMES: Record<SeriesAnswer['step'], (time: string) => string> = {
  minute: (time) => minute(Date.parse(time)),
  // Up to 400 of them, which are more than two weeks.
  hour: (time) => dayAndMinute(Date.parse(time)),
  day: (time) => day(time.slice(0, 10)),
  month: (time) => month(Date.parse(time)),
};

/** Imps over time, sold and not sold. */
export function seriesOption({ results, step }: SeriesAnswer): Draw {
  const name = STEP_NAMES[step];
  return (colours) => ({
    grid: GRID,
    xAxis: categoryAxis(results.map(({ time }) => name(time)), colours, { hideOverlap: true }),
    yAxis: valueAxis(colours, { minInterval: 1, format: compact }),
    series: [
      bars('Won', results.map(({ won }) => won), colours.won, 'imps'),
      bars(
        'No bid',
        results.map(({ impressions_offered, won }) => impressions_offered - won),
        colours.lost,
        'imps',
      ),
    ],
  });
}

function bars(name: string, data: readonly number[], color: string, stack: string) {
  return {
    id: name,
    name,
    type: 'bar',
    stack,
    data,
    barCategoryGap: '18%',
    barMaxWidth: 48,
    itemStyle: { color },
    tooltip: { valueFormatter: (value: number) => count(value) },
  };
}

function categoryAxis(
  names: readonly string[],
  { line, text }: ChartColours,
  labels: Record<string, unknown>,
) {
  return {
    type: 'category',
    data: names,
    axisTick: { show: false },
    axisLine: { lineStyle: { color: line } },
    axisLabel: { color: text, fontSize: 11, ...labels },
  };
}

function valueAxis(
  { line, text }: ChartColours,
  { format, minInterval }: { format: (value: number) => string; minInterval?: number },
) {
  return {
    type: 'value',
    minInterval,
    splitNumber: 3,
    splitLine: { lineStyle: { color: line } },
    axisLabel: { color: text, fontSize: 11, formatter: format },
  };
}

/** For people who do not see the chart. */
export function trafficSummary(seconds: readonly LiveSecond[]): string {
  const auctions = sum(seconds, (second) => second.auctions);
  const peak = Math.max(0, ...seconds.map((second) => second.auctions));
  return `Auctions per second over ${seconds.length} seconds: ${count(auctions)} in all, ` +
    `at most ${count(peak)} in one second`;
}

export function pricesSummary({ bounds, won, lost }: LivePrices): string {
  const all = (counts: readonly number[]): number => counts.reduce((a, b) => a + b, 0);
  const most = lost.map((n, index) => n + (won[index] ?? 0));
  const at = className(bounds, most.indexOf(Math.max(...most)));
  return `Prices of bids: ${count(all(won))} won, ${count(all(lost))} lost, most at ${at} CPM`;
}

export function daysSummary(days: readonly DayAnswer[]): string {
  const last = days.at(-1);
  if (!last) return 'No days yet';
  return `Revenue and win rate of ${days.length} days; on ${day(last.day)} ` +
    `${money(last.revenue, last.currency)} at ${percent(last.win_rate)} won, ` +
    `average price ${averageCpm(last.average_price)} CPM`;
}
