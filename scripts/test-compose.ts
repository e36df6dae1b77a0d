/** `npm run test:compose`: builds the images, starts compose.yaml, looks, breaks things, ends it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { describeError } from '#shared/log.ts';
import { freePorts } from './engines/free-ports.ts';
import { parseFlags, text, toggle } from './flags.ts';
import { makeBaseImages } from './infra/base-images.ts';
import { ComposeProject } from './infra/compose-project.ts';
import * as steps from './infra/compose-steps.ts';
import { type Docker, machineDocker, ownDocker } from './infra/docker.ts';
import { inContainer } from './infra/lone-container.ts';
import { RunReport } from './infra/run-report.ts';
import { makeStandIns } from './infra/stand-ins.ts';
import { PROJECT_DIR } from './load/runtime-command.ts';

const { values: flags } = parseFlags({
  public: toggle("this machine's Docker and the public images, nothing in their place"),
  keep: toggle('leaves the containers running where a step failed (only with --public)'),
  report: text('writes what was seen to this file, in Markdown'),
}, {
  command: 'npm run test:compose --',
  about:
    `Builds the images of the Dockerfile, starts compose.yaml with them, checks it from outside,
kills services and ends it. Without --public it starts a Docker of its own from Debian's packages
and puts images made here in the place of the public ones, so that it needs no registry of images.`,
});

const COMPOSE_FILE = join(PROJECT_DIR, 'compose.yaml');
const IMAGES = [
  { target: 'node', name: 'helios:0.1.0' },
  { target: 'deno', name: 'helios-test/deno' },
  { target: 'embedded', name: 'helios-test/embedded' },
] as const;
function imageOf(target: (typeof IMAGES)[number]['target']): string {
  return IMAGES.find((image) => image.target === target)!.name;
}
/** The packages of a checkout, some times over. */
const BUILD_CACHE_MOST = '4GB';
/** A stage of each kind of state: what it holds is lost, read again, or shared. */
const KILLED = ['auction', 'gateway', 'analytics', 'redis', 'kafka'];

const STAND_INS =
  'made on the machine: Kafka of its jars, Redis and Prometheus of Debian, ClickHouse as our own ' +
  'stage, without Grafana';

process.exitCode = await main();

async function main(): Promise<number> {
  let docker: Docker;
  try {
    docker = await (flags.public ? machineDocker() : ownDocker());
  } catch (error) {
    // A person reads why; where nobody would, it is a failure.
    console.error(`Left out, there is no Docker to test with: ${describeError(error)}`);
    return process.env['CI'] ? 1 : 0;
  }
  const report = new RunReport('A run of `npm run test:compose`');
  report.facts.push(
    ['Date', new Date().toISOString().slice(0, 16).replace('T', ' ')],
    ['Docker', `${docker.version}, ${flags.public ? 'of the machine' : "of Debian's packages"}`],
    ['Images', flags.public ? 'the public ones' : STAND_INS],
  );
  const running = await projectOf(docker);
  endWithUs(async () => {
    await running.project.run('down', '--volumes', '--timeout', '0');
    await docker.stop();
  });
  try {
    await run(docker, running, report);
  } catch {
    // The step that failed has said why.
  } finally {
    if (!flags.public) await tidy(docker).catch(console.error);
    await docker.stop();
  }
  if (flags.report) writeFileSync(flags.report, report.markdown());
  console.log(`\n${report.failed ? 'FAILED' : 'All steps passed'}`);
  return report.failed ? 1 : 0;
}

async function run(docker: Docker, running: Project, report: RunReport): Promise<void> {
  if (!flags.public) {
    await report.step('images in the place of the public ones', async () => {
      await makeBaseImages(docker, baseNames());
      await makeStandIns(docker);
    });
  }
  for (const { target, name } of IMAGES) {
    await report.step(`build --target ${target}`, () => buildImage(docker, target, name));
  }
  const { project } = running;
  try {
    await report.step('compose config', async () => {
      await project.run('config', '--quiet');
      const { env } = running;
      await new ComposeProject(docker, { name: 'helios', files: [COMPOSE_FILE], env })
        .run('--profile', 'load', 'config', '--quiet');
    });
    await report.step('compose up --wait, nothing cached', async () => {
      await project.run('down', '--volumes', '--remove-orphans');
      await project.run('up', '--detach', '--wait', '--no-build');
    });
    await report.step('every container is healthy', () => steps.allHealthy(running));
    await report.step('containers have no more rights than said', () => steps.hardened(running));
    await report.step('first ad', () => steps.firstAd(running));
    await report.step('npm run smoke', () => steps.smoke(running));
    await report.step('the dashboard, without a key', () => steps.dashboard(running));
    await report.step('Prometheus sees all', () => steps.watched(running));
    await report.step('--profile load', () => steps.traffic(running));
    for (const service of KILLED) {
      await report.step(`kill -9 of ${service}`, () => steps.killed(running, service));
    }
    await report.step('npm run smoke again', () => steps.smoke(running));
    await report.step('the Deno image as one more auction stage', async () =>
      inContainer(docker, {
        image: imageOf('deno'),
        stages: ['auction'],
        env: { KAFKA_BROKERS: 'kafka:9092', ADMIN_KEY: 'of-this-container-alone-1' },
        network: 'helios-test_bus',
      }, () => steps.firstAd(running)));
    await report.step('the embedded image, everything in one container', async () => {
      const [port] = await freePorts(1) as [number];
      const alone = { ...running, url: `http://127.0.0.1:${port}` };
      return await inContainer(docker, {
        image: imageOf('embedded'),
        stages: [],
        env: { PUBLISHED_HOST: '127.0.0.1' },
        network: 'helios-test_public',
        port,
      }, async () => `first ad ${await steps.firstAd(alone)}; ${await steps.dashboard(alone)}`);
    });
    await report.step('compose stop', () => steps.stopped(running));
    await report.step('compose up again, with what is in the volumes', async () => {
      await project.run('up', '--detach', '--wait', '--no-build');
      await steps.firstAd(running);
      return await steps.smoke(running);
    });
  } catch (error) {
    console.error(await project.run('ps', '--all').catch(describeError));
    console.error(await project.run('logs', '--tail', '15').catch(describeError));
    if (flags.keep && flags.public) throw error;
    await project.run('down', '--volumes').catch(() => {});
    throw error;
  }
  await report.step('compose down -v', async () => void await project.run('down', '--volumes'));
}

type Project = steps.Running & { env: Record<string, string> };

/** On ports of its own, so that it disturbs no other. */
async function projectOf(docker: Docker): Promise<Project> {
  const [port, grafanaPort, prometheusPort] = await freePorts(3) as [number, number, number];
  const standIns = flags.public ? [] : ['tests/containers/compose.stand-ins.yaml'];
  const env = {
    PORT: String(port),
    GRAFANA_PORT: String(grafanaPort),
    PROMETHEUS_PORT: String(prometheusPort),
  };
  const project = new ComposeProject(docker, {
    name: 'helios-test',
    files: [COMPOSE_FILE, ...standIns.map((file) => join(PROJECT_DIR, file))],
    env,
  });
  return {
    env,
    project,
    url: `http://127.0.0.1:${port}`,
    prometheusUrl: `http://127.0.0.1:${prometheusPort}`,
  };
}

/** What is kept between runs is what the next one builds on. */
async function tidy(docker: Docker): Promise<void> {
  await docker.run(['image', 'prune', '--force']);
  await docker.run(['builder', 'prune', '--force', '--keep-storage', BUILD_CACHE_MOST]);
}

/** A container outlives the daemon that was killed with this process. */
function endWithUs(clean: () => Promise<void>): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      void clean().catch(console.error).finally(() => process.exit(1));
    });
  }
}

async function buildImage(docker: Docker, target: string, name: string): Promise<string> {
  // npm asks the registry by the network of this machine: containers of our own Docker have none.
  const network = flags.public ? 'default' : 'host';
  await docker.run(['build', '--network', network, '--target', target, '--tag', name, PROJECT_DIR]);
  const bytes = Number(await docker.run(['image', 'inspect', '--format', '{{.Size}}', name]));
  return `${Math.round(bytes / 1e6)} MB`;
}

/** As the Dockerfile names them. */
function baseNames(): { node: string; deno: string } {
  const dockerfile = readFileSync(join(PROJECT_DIR, 'Dockerfile'), 'utf8');
  const argument = (name: string): string => {
    const found = new RegExp(`^ARG ${name}=(\\S+)$`, 'm').exec(dockerfile)?.[1];
    if (!found) throw new Error(`The Dockerfile has no ARG ${name}`);
    return found;
  };
  return { node: argument('NODE_IMAGE'), deno: argument('DENO_IMAGE') };
}
