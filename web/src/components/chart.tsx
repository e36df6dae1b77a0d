import { createEffect, createSignal, on, onCleanup, onMount } from 'solid-js';
import type { ChartColours, ChartOption } from '../lib/echarts.ts';
import { theme } from '../lib/theme.ts';

interface ChartProps {
  /** What the chart shows, in one sentence with its figures: read instead of it. */
  summary: string;
  option: (colours: ChartColours) => ChartOption;
  size?: 'small';
  /** Other data is on its way. */
  busy?: boolean;
}

/** An ECharts chart that follows its data, its room and the theme; the library comes when needed. */
export function Chart(props: ChartProps) {
  let place!: HTMLDivElement;
  const [drawn, setDrawn] = createSignal<{ draw(option: ChartProps['option']): void }>();

  onMount(() => {
    if (import.meta.env.SSR) return;
    let gone = false;
    let dispose = (): void => {};
    onCleanup(() => {
      gone = true;
      dispose();
    });
    void import('../lib/echarts.ts').then(({ drawChart }) => {
      if (gone) return;
      const chart = drawChart(place);
      dispose = () => chart.dispose();
      setDrawn(chart);
    });
  });
  createEffect(on([drawn, () => props.option, theme], ([chart, option]) => {
    // One paint later: the style sheet has the new theme's colours by then.
    if (chart) requestAnimationFrame(() => chart.draw(option));
  }));

  return (
    <figure
      class='chart'
      data-size={props.size}
      role='img'
      aria-label={props.summary}
      aria-busy={props.busy}
    >
      <div ref={place} />
    </figure>
  );
}
