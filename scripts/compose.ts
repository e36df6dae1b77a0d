/**
 * `npm run compose [-- up|down] [--load] [--volumes]`: everything in containers, built where it is new,
 * and where it is then. docs/containers.md has what compose.yaml starts.
 */
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { firstBid } from '#shared/model/first-bid.ts';
import { parseFlags, toggle } from './flags.ts';
import { PROJECT_DIR } from './load/runtime-command.ts';

const { values: flags, rest: [what = 'up'] } = parseFlags({
  load: toggle('up: sends sample traffic, too'),
  volumes: toggle('down: deletes what was stored'),
}, {
  command: 'npm run compose --',
  about: 'Starts the exchange in containers with Kafka, Redis, ClickHouse, Prometheus and Grafana.',
  arguments: { name: 'up|down', help: 'up by default', most: 1 },
});

process.exitCode = run();

function run(): number {
  if (what !== 'up' && what !== 'down') {
    console.error(`${what}: allowed is up, down`);
    return 1;
  }
  if (docker('version').status !== 0) {
    console.error(
      'Cannot start containers: this needs Docker with its compose plugin, ' +
        'https://docs.docker.com/engine/install',
    );
    return 1;
  }
  if (what === 'down') {
    return compose('--profile', 'load', 'down', ...(flags.volumes ? ['--volumes'] : []));
  }
  const code = compose(
    ...(flags.load ? ['--profile', 'load'] : []),
    ...['up', '--build', '--detach', '--wait'],
  );
  if (code === 0) console.log(places());
  return code;
}

function compose(...args: string[]): number {
  return docker(...args).status ?? 1;
}

/** The version is asked quietly: what Docker says where it is missing differs from place to place. */
function docker(...args: string[]) {
  const stdio = args[0] === 'version' ? 'ignore' : 'inherit';
  return spawnSync('docker', ['compose', ...args], { cwd: PROJECT_DIR, stdio });
}

function places(): string {
  const port = (name: string, preset: string): string => process.env[name] || preset;
  const page = `http://127.0.0.1:${port('PORT', '8080')}`;
  return [
    '',
    `Page         ${page}/`,
    `Prometheus   http://127.0.0.1:${port('PROMETHEUS_PORT', '9090')}/alerts`,
    `Grafana      http://127.0.0.1:${port('GRAFANA_PORT', '3000')}/`,
    '',
    'Send a first bid:',
    '',
    firstBid(page),
    '',
    'npm run compose -- down ends it.',
  ].join('\n');
}
