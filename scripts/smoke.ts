/** `npm run smoke -- http://host:port`: checks a running installation from outside. */
import process from 'node:process';
import { parseFlags, text } from './flags.ts';
import { ownMetrics, ownProfiles, ownSettings, ownUrl } from './own-exchange.ts';
import { type Row, runChecks } from './smoke/checks.ts';
import { isLocal, SmokeTarget } from './smoke/smoke-target.ts';

const HOST_AND_PORT = /^[^\s/]+:\d{1,5}$/;

const { values: flags, rest } = parseFlags({
  key: text('an admin key, used for bids too; needed where the address is not loopback'),
  'publisher-key': text('a key for bids, when it is another one'),
  grpc: text(
    'profile service as host:port; default on loopback: PROFILE_HOST (127.0.0.1)\n' +
      'and PROFILE_PORT (50051), else skipped',
  ),
  sql: text(
    'ClickHouse as http://user:password@host:port; default: CLICKHOUSE_URL, otherwise\n' +
      'CLICKHOUSE_PORT (8123) of this machine',
  ),
  metrics: text(
    'metrics as http://host:port; default on loopback: METRICS_HOST (127.0.0.1)\n' +
      'and METRICS_PORT (2112), else skipped',
  ),
}, {
  command: 'npm run smoke --',
  about:
    'Sends bids to a running installation and looks for them everywhere. The exit code is 1\n' +
    'when a check failed. SQL is checked with CLICKHOUSE_TOKEN, or the token in DATA_DIR (./data),\n' +
    'otherwise skipped.',
  arguments: {
    name: 'http://host:port',
    get help() {
      return `default ${ownUrl()}`;
    },
    most: 1,
  },
});

const address = addressOf(rest[0] ?? ownUrl());
const { origin, hostname } = address;
if (flags.grpc !== undefined && !HOST_AND_PORT.test(flags.grpc)) {
  refuse(`--grpc=${flags.grpc}: allowed is host:port`);
}
// Elsewhere they listen on loopback, too, unless somebody chose otherwise and can name them.
const local = isLocal(address);
const target = new SmokeTarget({
  url: origin,
  adminKey: flags.key,
  publisherKey: flags['publisher-key'] ?? flags.key,
  grpc: flags.grpc ?? besides(ownProfiles, 'PROFILE_PORT'),
  sql: flags.sql ?? ownSql(),
  metrics: flags.metrics ?? metricsOrigin(),
}, Date.now().toString(36));

const rows: Row[] = [];
console.log(line('check', 'result', 'ms', 'note'));
for await (const row of runChecks(target)) {
  rows.push(row);
  console.log(line(row.name, row.result, row.tookMs?.toFixed(0) ?? '', row.note));
}
console.log(`\n${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`);
process.exit(count('failed') === 0 ? 0 : 1);

function count(result: Row['result']): number {
  return rows.filter((row) => row.result === result).length;
}

function line(name: string, result: string, ms: string, note: string): string {
  return `${name.padEnd(26)}${result.padEnd(8)}${ms.padStart(6)}  ${note}`.trimEnd();
}

/** Where a port without keys is: by the settings, or on the loopback address that was given. */
function besides(own: () => string, port: 'PROFILE_PORT' | 'METRICS_PORT'): string | undefined {
  if (!local) return undefined;
  return rest[0] === undefined ? own() : `${hostname}:${ownSettings(port)[port]}`;
}

function metricsOrigin(): string | undefined {
  const found = besides(ownMetrics, 'METRICS_PORT');
  return found && `http://${found}`;
}

function ownSql(): string {
  const { CLICKHOUSE_URL } = ownSettings('CLICKHOUSE_URL');
  return CLICKHOUSE_URL ?? `http://127.0.0.1:${ownSettings('CLICKHOUSE_PORT').CLICKHOUSE_PORT}`;
}

function addressOf(text: string): URL {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return new URL(text);
  return refuse(`${text}: allowed is http://host:port`);
}

function refuse(message: string): never {
  console.error(`${message}\nSee npm run smoke -- --help`);
  process.exit(2);
}
