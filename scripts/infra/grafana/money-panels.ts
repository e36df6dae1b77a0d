/** Panels about money that several dashboards have, each for the seats it is about. */
import type { Panel } from './dashboard.ts';
import { rate } from './queries.ts';

export const MICROS = 1e6;
const HOUR_S = 3_600;
/** Prices are per thousand impressions. */
export const MILLE = 1_000;

/** @param seats a filter of labels, such as `{seat=~"$seat"}`; all without it */
export function clearedPerHour(seats = ''): Panel {
  return {
    title: 'Cleared in an hour, at the pace of the moment',
    kind: 'stacked',
    unit: 'currencyUSD',
    width: 12,
    queries: [{
      expr: `${HOUR_S} * ${rate(`helios_cleared_micros_total${seats}`, 'seat')} / ${MICROS}`,
      legend: '{{seat}}',
    }],
  };
}

/** @param seats as {@link clearedPerHour} takes it */
export function meanPrice(seats = ''): Panel {
  return {
    title: 'Mean price of a thousand',
    kind: 'lines',
    unit: 'currencyUSD',
    width: 12,
    queries: [{
      expr: `${MILLE} * ${rate(`helios_cleared_micros_total${seats}`, 'seat')} / ${
        rate(`helios_wins_total${seats}`, 'seat')
      } / ${MICROS}`,
      legend: '{{seat}}',
    }],
  };
}
