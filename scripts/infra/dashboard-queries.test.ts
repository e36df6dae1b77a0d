import { expect, test } from 'vitest';
import { asRules, dashboardQueries } from './dashboard-queries.ts';

test('dashboardQueries() finds them in rows and panels, with variables filled in', () => {
  const dashboard = {
    panels: [
      { targets: [{ expr: 'rate(a_total{stage="$stage"}[$__rate_interval])' }] },
      { panels: [{ targets: [{ expr: 'b{x=~"${group:regex}"}[${__range}]' }] }] },
    ],
  };
  expect(dashboardQueries(dashboard)).toEqual([
    'rate(a_total{stage="any"}[5m])',
    'b{x=~"any"}[5m]',
  ]);
});

test('asRules() makes a rule of each', () => {
  expect(JSON.parse(asRules(['up']))).toEqual({
    groups: [{ name: 'dashboard', rules: [{ record: 'dashboard:query:0', expr: 'up' }] }],
  });
});
