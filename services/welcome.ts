/** What a start prints: where everything is, and a first bid to copy. */
import { type Config, isPrivateDoor } from '#shared/config.ts';
import { hostPort, openable } from '#shared/model/host-port.ts';
import { firstBid } from '#shared/model/first-bid.ts';
import type { StageName } from '#shared/service.ts';
import { sqlHost } from './stages.ts';
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
  const base = doorOf(config);
  const lines = [
    `Helios ${VERSION} on ${start.runtime}, ready in ${(start.tookMs / 1000).toFixed(1)} s`,
    `Stages: ${stages.join(' ')}`,
    ...(start.firstRun ? ['First start: demo campaigns, publishers and users were loaded'] : []),
    '',
    ...placesOf(config, stages).map(({ name, value }) => `  ${name.padEnd(12)} ${value}`),
  ];
  if (stages.includes('gateway')) {
    // Without demo data there is nobody for whom a request without a key could count.
    const needsKey = !isPrivateDoor(config) || !config.DEMO_DATA;
    const how = needsKey
      ? 'Send a first bid, with a KEY of npm run keys -- create publisher NAME:'
      : 'Send a first bid:';
    lines.push('', how, '', firstBid(base, needsKey), '');
  }
  return lines.join('\n');
}

function placesOf(config: Config, stages: readonly StageName[]): Place[] {
  const base = doorOf(config);
  const hosts = (...names: StageName[]): boolean => names.some((name) => stages.includes(name));
  // A gateway has these routes where another process answers them, too.
  const pages = hosts('web') || (hosts('gateway') && config.WEB_URL.length > 0);
  const reports = hosts('analytics') || (hosts('gateway') && config.ANALYTICS_URL.length > 0);
  const places: (Place | false)[] = [
    pages && { name: 'Page', value: `${base}/` },
    hosts('gateway') && { name: 'OpenRTB 2.6', value: `POST ${base}/openrtb2/auction` },
    hosts('gateway') && { name: 'Simple bids', value: `POST ${base}/bid` },
    reports && { name: 'Outcomes', value: `${base}/api/outcomes/` },
    reports && { name: 'Statistics', value: `${base}/api/outcomes/stats/` },
    { name: 'Readiness', value: `${base}/readyz` },
    { name: 'Metrics', value: `${urlOf(config.METRICS_HOST, config.METRICS_PORT)}/metrics` },
    hosts('profile') && {
      name: 'Profiles',
      value: `gRPC ${hostPort({ host: config.PROFILE_HOST, port: config.PROFILE_PORT })}`,
    },
    hosts('analytics', 'clickhouse') && { name: 'SQL', value: sqlPlace(config) },
    { name: 'Data', value: config.DATA_DIR },
  ];
  return places.filter((place) => place !== false);
}

function sqlPlace(config: Config): string {
  if (config.CLICKHOUSE_URL) return 'npm run sql, on the server of CLICKHOUSE_URL';
  const host = sqlHost(config);
  if (host === undefined) return 'off: only on a loopback address, or with CLICKHOUSE_TOKEN';
  return `npm run sql, or ClickHouse clients on ${urlOf(host, config.CLICKHOUSE_PORT)}`;
}

/** As others find it. */
function doorOf({ HOST, PUBLISHED_HOST = HOST, PORT, TLS_CERT_FILE }: Config): string {
  return urlOf(openable(PUBLISHED_HOST), PORT, TLS_CERT_FILE && 'https');
}

function urlOf(host: string, port: number, scheme = 'http'): string {
  return `${scheme}://${hostPort({ host, port })}`;
}
