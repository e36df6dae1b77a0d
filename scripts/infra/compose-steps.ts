/** What `npm run test:compose` looks at while the containers run. */
import { setTimeout as sleep } from 'node:timers/promises';
import process from 'node:process';
import { describeProbe, probeWhile, RefusedBid, sendBid } from './bid-probe.ts';
import type { ComposeProject, Container } from './compose-project.ts';
import { lastLines, runTool } from '../engines/run-tool.ts';
import { PROJECT_DIR, runtimeCommand } from '../load/runtime-command.ts';
import { runtimeName } from '#shared/runtime/runtime.ts';

export interface Running {
  project: ComposeProject;
  /** Of the dashboard, and of Prometheus. */
  url: string;
  prometheusUrl: string;
}

/** Services that do their work and end. */
export const ONCE: ReadonlySet<string> = new Set(['secrets', 'topics']);
const BACK_MS = 90_000;
const POLL_MS = 200;
const ASK_MS = 5_000;

/** Everything runs, and what has a health check is healthy. */
export async function allHealthy({ project }: Running): Promise<string> {
  const containers = await project.containers();
  const wrong = containers.filter((one) => !isRight(one));
  if (wrong.length > 0) {
    throw new Error(wrong.map((one) => `${one.service} is ${one.state} ${one.health}`).join('; '));
  }
  return `${containers.length} containers: ${containers.map(({ service }) => service).join(', ')}`;
}

function isRight({ service, state, health, exitCode }: Container): boolean {
  if (ONCE.has(service)) return state === 'exited' && exitCode === 0;
  return state === 'running' && health === 'healthy';
}

/** What the files promise is what the containers have. */
export async function hardened({ project }: Running): Promise<string> {
  const services = (await project.containers()).map(({ service }) => service)
    .filter((service) => !ONCE.has(service));
  const faults: string[] = [];
  for (const service of services) {
    const { Config, HostConfig } = await project.inspect(service);
    const { ReadonlyRootfs, CapDrop, SecurityOpt, Memory } = HostConfig;
    if (!/^\d+/.test(Config.User) || /^0\b/.test(Config.User)) {
      faults.push(`${service}: user "${Config.User}"`);
    }
    if (!ReadonlyRootfs && !WRITE_THEIR_OWN.has(service)) faults.push(`${service}: is writable`);
    if (!CapDrop?.includes('ALL')) faults.push(`${service}: keeps capabilities`);
    if (!SecurityOpt?.some((one) => one.startsWith('no-new-privileges'))) {
      faults.push(`${service}: may gain privileges`);
    }
    if (Memory === 0) faults.push(`${service}: no limit of memory`);
  }
  if (faults.length > 0) throw new Error(faults.join('; '));
  const refused = await project.run('exec', '-T', 'gateway', 'touch', '/helios/written')
    .then(() => undefined, (error: Error) => error.message);
  if (!refused?.includes('Read-only file system')) {
    throw new Error('gateway wrote to its own files');
  }
  return `${services.length} containers: numeric user, no capabilities, no new privileges, memory ` +
    'limited, read-only but for kafka and clickhouse';
}
/** Their images write settings beside the programs at each start. */
const WRITE_THEIR_OWN: ReadonlySet<string> = new Set(['kafka', 'clickhouse']);

/** `npm run smoke` from this machine: the published door without a key, the rest where it listens. */
export async function smoke({ project, url }: Running): Promise<string> {
  const sql = new URL(
    (await project.run('exec', '-T', 'analytics', 'cat', '/run/helios/clickhouse-url')).trim(),
  );
  sql.hostname = await project.addressOf('clickhouse');
  const [command, ...args] = runtimeCommand(runtimeName, 'scripts/smoke.ts');
  const { code, output } = await runTool(command, [
    ...args,
    url,
    `--grpc=${await project.addressOf('profile')}:50051`,
    `--metrics=http://${await project.addressOf('gateway')}:2112`,
    `--sql=${sql.href.replace(/\/$/, '')}`,
  ], { cwd: PROJECT_DIR });
  if (code !== 0) throw new Error(lastLines(output, 40));
  return lastLines(output, 1);
}

/** What `npm start` shows is here: pages, the live figures, sample traffic, without any key. */
export async function dashboard({ url }: Running): Promise<string> {
  const pages: string[] = [];
  for (const path of ['/', '/auctions', '/api/live', '/api/outcomes/stats/']) {
    const answer = await fetch(url + path, { signal: AbortSignal.timeout(ASK_MS) });
    const text = await answer.text();
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${text.slice(0, 200)}`);
    pages.push(`${path} ${text.length} bytes`);
  }
  const traffic = await fetch(`${url}/api/sample-traffic`, { signal: AbortSignal.timeout(ASK_MS) });
  if (traffic.status !== 200) throw new Error(`/api/sample-traffic: ${traffic.status}`);
  const foreign = await fetch(`${url}/api/live`, { headers: { origin: 'http://elsewhere.test' } });
  if (foreign.status !== 403) throw new Error(`A page of elsewhere was answered ${foreign.status}`);
  return pages.join(', ');
}

/** Of alerts and dashboards, what takes a Kafka, traffic or money to be told. */
const TOLD = [
  'helios_group_lag_records{group="auction"}',
  'helios_group_members{group="analytics"}',
  'helios_group_answers_total{answer="in_time"}',
  'helios_cleared_micros_total',
  'helios_warehouse_failing_seconds == 0',
];
const STAGES = ['gateway', 'auction', 'bidding', 'profile', 'analytics', 'web'];

/** Prometheus reads every process, knows every stage and has the rules. */
export async function watched({ prometheusUrl }: Running): Promise<string> {
  const rules = (await ask(prometheusUrl, '/api/v1/rules')).groups as { rules: unknown[] }[];
  const count = rules.reduce((sum, group) => sum + group.rules.length, 0);
  if (count === 0) throw new Error('Prometheus has no rules');
  await until('every stage is known to Prometheus', async () => {
    const stages = await query(prometheusUrl, 'helios_stage_open');
    return STAGES.every((name) => stages.some(({ metric }) => metric['stage'] === name));
  });
  for (const metric of TOLD) {
    await until(`${metric} is told`, async () => (await query(prometheusUrl, metric)).length > 0);
  }
  const up = await query(prometheusUrl, 'up{job="helios"}');
  return `${up.length} processes, ${count} rules`;
}

/** `--profile load`: requests come, beside those of the test. */
export async function traffic({ project, prometheusUrl }: Running): Promise<string> {
  const requests = async (): Promise<number> =>
    Number((await query(prometheusUrl, 'sum(helios_requests_total)'))[0]?.value[1] ?? 0);
  const load = ['--profile', 'load'];
  const before = await requests();
  await project.run(...load, 'up', '--detach', '--no-build', 'traffic');
  let came = 0;
  await until('sample traffic comes', async () => {
    came = await requests() - before;
    return came > REQUESTS_ENOUGH;
  });
  await project.run(...load, 'rm', '--stop', '--force', 'traffic');
  return `${came} requests`;
}
/** More than anybody else sends meanwhile. */
const REQUESTS_ENOUGH = 100;

/** Ends the first process of a service as a fault would; it is back, and ads come again. */
export async function killed(running: Running, service: string): Promise<string> {
  const { project, url } = running;
  const before = await project.inspect(service);
  let backMs = 0;
  const result = await probeWhile(url, async () => {
    process.kill(before.State.Pid, 'SIGKILL');
    const startMs = performance.now();
    await until(`${service} is back`, async () => {
      const { RestartCount } = await project.inspect(service);
      const now = (await project.containers()).find((one) => one.service === service)!;
      return RestartCount > before.RestartCount && isRight(now);
    });
    backMs = performance.now() - startMs;
  });
  if (result.filled === 0) throw new Error(`No ads: ${describeProbe(result)}`);
  return `healthy again after ${(backMs / 1_000).toFixed(1)} s; ${describeProbe(result)}`;
}

/** Ends in order: every process says so by its exit code. */
export async function stopped({ project }: Running): Promise<string> {
  const startMs = performance.now();
  await project.run('stop');
  const tookS = ((performance.now() - startMs) / 1_000).toFixed(1);
  const stages = (await project.containers()).filter(({ service }) => !ENGINES.has(service));
  const wrong = stages.filter(({ exitCode }) => exitCode !== 0);
  if (wrong.length > 0) {
    throw new Error(wrong.map((one) => `${one.service} ended with ${one.exitCode}`).join('; '));
  }
  return `all in ${tookS} s; the ${stages.length} containers of ours ended with 0`;
}
/** Java says 143 for SIGTERM, whatever it did. */
const ENGINES: ReadonlySet<string> = new Set([
  'kafka',
  'redis',
  'clickhouse',
  'prometheus',
  'grafana',
]);

export async function firstAd({ url }: Running): Promise<string> {
  const startMs = performance.now();
  await until('an ad is served', () =>
    sendBid(url).catch((error) => {
      if (error instanceof RefusedBid) throw error;
      return false;
    }));
  return `after ${((performance.now() - startMs) / 1_000).toFixed(1)} s`;
}

async function until(what: string, look: () => Promise<boolean>): Promise<void> {
  const giveUpMs = performance.now() + BACK_MS;
  while (!await look()) {
    if (performance.now() > giveUpMs) throw new Error(`Not within ${BACK_MS / 1_000} s: ${what}`);
    await sleep(POLL_MS);
  }
}

// --- Prometheus ---

async function ask(url: string, path: string): Promise<Record<string, unknown>> {
  const answer = await fetch(url + path, { signal: AbortSignal.timeout(ASK_MS) });
  return (await answer.json() as { data: Record<string, unknown> }).data;
}

interface Sample {
  metric: Record<string, string>;
  value: [seconds: number, text: string];
}

async function query(url: string, text: string): Promise<Sample[]> {
  const { result } = await ask(url, `/api/v1/query?query=${encodeURIComponent(text)}`);
  return result as Sample[];
}
