/** The part of ECharts the charts use, loaded when the first one is drawn. */
import { BarChart, LineChart } from 'echarts/charts';
import { AxisPointerComponent, GridComponent, TooltipComponent } from 'echarts/components';
import { type EChartsCoreOption, init, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';

use([AxisPointerComponent, BarChart, CanvasRenderer, GridComponent, LineChart, TooltipComponent]);

export type ChartOption = EChartsCoreOption;

/** Colours of the style sheet, which ECharts cannot read by itself. */
export interface ChartColours {
  text: string;
  line: string;
  surface: string;
  accent: string;
  won: string;
  lost: string;
  font: string;
}

export interface DrawnChart {
  draw(option: (colours: ChartColours) => ChartOption): void;
  dispose(): void;
}

export function drawChart(place: HTMLElement): DrawnChart {
  const chart = init(place, undefined, { renderer: 'canvas' });
  const watch = new ResizeObserver(() => {
    if (!chart.isDisposed()) chart.resize();
  });
  watch.observe(place);
  return {
    draw(option) {
      if (chart.isDisposed()) return;
      const colours = coloursOf(place);
      chart.setOption({ ...common(colours), ...option(colours) }, { lazyUpdate: true });
    },
    dispose() {
      watch.disconnect();
      chart.dispose();
    },
  };
}

function coloursOf(place: HTMLElement): ChartColours {
  const style = getComputedStyle(place);
  const value = (name: string): string => style.getPropertyValue(name).trim();
  return {
    text: value('--text-3'),
    line: value('--line'),
    surface: value('--raised'),
    accent: value('--accent-fill'),
    won: value('--won-fill'),
    lost: value('--lost-fill'),
    font: value('--font'),
  };
}

function common(colours: ChartColours): ChartOption {
  const strong = getComputedStyle(document.documentElement).getPropertyValue('--text').trim();
  return {
    animation: false,
    textStyle: { fontFamily: colours.font, color: colours.text },
    tooltip: {
      trigger: 'axis',
      confine: true,
      backgroundColor: colours.surface,
      borderColor: colours.line,
      textStyle: { color: strong, fontSize: 12, fontFamily: colours.font },
      axisPointer: { lineStyle: { color: colours.text, type: 'solid' } },
    },
  };
}
