/** `node scripts/infra/make-dashboards.ts`: writes manifests/grafana/dashboards out of the data beside. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_DIR } from '../load/runtime-command.ts';
import { BIDDERS } from './grafana/bidders.ts';
import { type Dashboard, grafanaJson } from './grafana/dashboard.ts';
import { LATENCY } from './grafana/latency.ts';
import { MONEY } from './grafana/money.ts';
import { PIPELINE } from './grafana/pipeline.ts';

/** By the name of their file. */
export const DASHBOARDS: Readonly<Record<string, Dashboard>> = {
  pipeline: PIPELINE,
  latency: LATENCY,
  money: MONEY,
  bidders: BIDDERS,
};

export const DASHBOARDS_DIR = join(PROJECT_DIR, 'manifests/grafana/dashboards');

export function dashboardText(dashboard: Dashboard): string {
  return `${JSON.stringify(grafanaJson(dashboard), null, 2)}\n`;
}

if (import.meta.main) {
  for (const [name, dashboard] of Object.entries(DASHBOARDS)) {
    writeFileSync(join(DASHBOARDS_DIR, `${name}.json`), dashboardText(dashboard));
  }
}
