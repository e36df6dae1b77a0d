/** What a start prints: where everything is, and a first bid to copy. */
import { type Config, isLoopback } from '#shared/config.ts';
import { firstBid } from '#shared/model/first-bid.ts';
import type { StageName } from '#shared/service.ts';
import { VERSION } from './version.ts';

/** Something a person may want to open or copy. */
interface Place {
  name: string;
  value: string;
}

export function welcome(
  config: Config,
  stages: readonly StageName[],
  start: { runtime: string; tookMs: number; firstRun: boolean },
): string {
  const base = urlOf(config.HOST, config.PORT);
  const lines = [
    `Helios ${VERSION} on ${start.runtime}, ready in ${(start.tookMs / 1000).toFixed(1)} s`,
    `Stages: ${stages.join(' ')}`,
    ...(start.firstRun ? ['First start: demo campaigns, publishers and users were loaded'] : []),
    '',
    `  ${'Page'.padEnd(12)} ${base}/`,
    ...placesOf(config).map(({ name, value }) => `  ${name.padEnd(12)} ${value}`),
  ];
  if (stages.includes('gateway')) lines.push('', 'Send a first bid:', '', firstBid(base), '');
  return lines.join('\n');
}

function placesOf(config: Config): Place[] {
  const base = urlOf(config.HOST, config.PORT);
  const metrics = `${urlOf(config.HOST, config.METRICS_PORT)}/metrics`;
  return [
    { name: 'OpenRTB 2.6', value: `POST ${base}/openrtb2/auction` },
    { name: 'Simple bids', value: `POST ${base}/bid` },
    { name: 'Outcomes', value: `${base}/api/outcomes/` },
    { name: 'Statistics', value: `${base}/api/outcomes/stats/` },
    { name: 'Readiness', value: `${base}/readyz` },
    { name: 'Metrics', value: metrics },
    { name: 'Profiles', value: `gRPC ${config.PROFILE_HOST}:${config.PROFILE_PORT}` },
    {
      name: 'SQL',
      value: isLoopback(config.HOST)
        ? `npm run sql, or ClickHouse clients on ${urlOf('127.0.0.1', config.CLICKHOUSE_PORT)}`
        : 'off: only on a loopback address',
    },
    { name: 'Data', value: config.DATA_DIR },
  ];
}

function urlOf(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
