/** A Grafana dashboard out of what matters in it: titles, queries, units. */

export interface Query {
  expr: string;
  legend: string;
}

export interface Panel {
  title: string;
  /** For who wonders what it means. */
  about?: string;
  kind: 'lines' | 'stacked' | 'number' | 'heat';
  /** Grafana's name: `reqps`, `s`, `percentunit`, `short`, … */
  unit: string;
  queries: readonly Query[];
  /** Of {@link GRID_WIDTH}. */
  width: number;
  /** From which value on a number is drawn in red. */
  redFrom?: number;
}

export interface Row {
  title: string;
  panels: readonly Panel[];
}

/** A choice above the panels: `$name` in queries, all values unless some are chosen. */
export interface Choice {
  name: string;
  /** `label_values(metric, label)` */
  values: string;
}

export interface Dashboard {
  uid: string;
  title: string;
  about: string;
  choices?: readonly Choice[];
  rows: readonly Row[];
}

const GRID_WIDTH = 24;
const HEIGHT = { number: 4, other: 8 };
/** Which Prometheus: chosen above the panels, so that the file fits any Grafana. */
const SOURCE = { type: 'prometheus', uid: '${datasource}' };
/** Of Grafana 11 and 12. */
const SCHEMA_VERSION = 39;

/** As Grafana's JSON has it. */
export function grafanaJson({ uid, title, about, choices = [], rows }: Dashboard) {
  let id = 0;
  let y = 0;
  const panels: unknown[] = [];
  for (const row of rows) {
    panels.push({
      id: ++id,
      type: 'row',
      title: row.title,
      collapsed: false,
      gridPos: { x: 0, y, w: GRID_WIDTH, h: 1 },
      panels: [],
    });
    y++;
    let x = 0;
    let tallest = 0;
    for (const panel of row.panels) {
      if (x + panel.width > GRID_WIDTH) {
        y += tallest;
        x = tallest = 0;
      }
      const h = panel.kind === 'number' ? HEIGHT.number : HEIGHT.other;
      panels.push(panelJson(panel, ++id, { x, y, w: panel.width, h }));
      x += panel.width;
      tallest = Math.max(tallest, h);
    }
    y += tallest;
  }
  return {
    uid,
    title,
    description: about,
    tags: ['helios'],
    schemaVersion: SCHEMA_VERSION,
    editable: false,
    graphTooltip: 1,
    refresh: '10s',
    time: { from: 'now-30m', to: 'now' },
    links: [{ type: 'dashboards', title: 'Helios', tags: ['helios'], asDropdown: false }],
    annotations: { list: [alertsJson()] },
    templating: { list: [sourceJson(), ...choices.map(choiceJson)] },
    panels,
  };
}

function panelJson(panel: Panel, id: number, gridPos: Record<'x' | 'y' | 'w' | 'h', number>) {
  const { title, about = '', kind, unit, queries } = panel;
  return {
    id,
    type: TYPES[kind],
    title,
    description: about,
    datasource: SOURCE,
    gridPos,
    fieldConfig: {
      defaults: {
        unit,
        ...(kind === 'number' ? { thresholds: thresholdsOf(panel) } : { min: 0 }),
        ...(kind === 'stacked' && {
          custom: { fillOpacity: 30, stacking: { mode: 'normal', group: 'A' } },
        }),
        ...(kind === 'lines' && { custom: { fillOpacity: 5 } }),
      },
      overrides: [],
    },
    options: OPTIONS[kind],
    targets: queries.map(({ expr, legend }, index) => ({
      refId: String.fromCharCode(65 + index),
      datasource: SOURCE,
      expr,
      legendFormat: legend,
      ...(kind === 'heat' && { format: 'heatmap' }),
      ...(kind === 'number' && { instant: true }),
    })),
  };
}

const TYPES = { lines: 'timeseries', stacked: 'timeseries', number: 'stat', heat: 'heatmap' };
const LEGEND = {
  showLegend: true,
  displayMode: 'table',
  placement: 'bottom',
  calcs: ['mean', 'lastNotNull'],
};
const OPTIONS = {
  lines: { legend: LEGEND, tooltip: { mode: 'multi', sort: 'desc' } },
  stacked: { legend: LEGEND, tooltip: { mode: 'multi', sort: 'desc' } },
  number: {
    reduceOptions: { values: false, calcs: ['lastNotNull'], fields: '' },
    colorMode: 'value',
    graphMode: 'none',
    textMode: 'auto',
  },
  heat: {
    calculate: false,
    cellGap: 1,
    color: { mode: 'scheme', scheme: 'Blues', exponent: 0.5, steps: 64, reverse: false },
    filterValues: { le: 1e-9 },
    legend: { show: true },
    rowsFrame: { layout: 'auto' },
    tooltip: { mode: 'single', yHistogram: false, showColorScale: false },
    yAxis: { unit: 's', axisPlacement: 'left' },
  },
};

function thresholdsOf({ redFrom }: Panel) {
  const steps = [{ color: 'text', value: null }];
  return {
    mode: 'absolute',
    steps: redFrom === undefined ? steps : [...steps, { color: 'red', value: redFrom }],
  };
}

function sourceJson() {
  return {
    name: 'datasource',
    label: 'Prometheus',
    type: 'datasource',
    query: 'prometheus',
    current: {},
    hide: 0,
  };
}

function choiceJson({ name, values }: Choice) {
  return {
    name,
    label: name,
    type: 'query',
    datasource: SOURCE,
    definition: values,
    query: { query: values, refId: 'A' },
    refresh: 2,
    includeAll: true,
    allValue: '.*',
    multi: true,
    current: { text: 'All', value: '$__all' },
    sort: 1,
  };
}

/** Where an alert fired, on every panel. */
function alertsJson() {
  return {
    name: 'Alerts',
    datasource: SOURCE,
    enable: true,
    iconColor: 'red',
    expr: 'ALERTS{alertstate="firing", alertname=~"Helios.*"}',
    titleFormat: '{{alertname}}',
    textFormat: '{{stage}}{{group}}{{table}}{{instance}}',
  };
}
