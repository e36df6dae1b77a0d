/** A Docker to build and start containers with: this machine's, or one of our own beside it. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { cached, cacheFolder } from '../engines/cache.ts';
import { lastLines, runTool } from '../engines/run-tool.ts';
import { spawnLogged } from '../engines/spawn-logged.ts';
import { goBuild } from '../k8s/go-build.ts';
import { debianPrograms } from './debian-programs.ts';

export interface Docker {
  /** As `docker version` says it. */
  version: string;
  /** Runs `docker …`; @throws an Error with the end of its output when that fails. */
  run(args: readonly string[], env?: Record<string, string>): Promise<string>;
  /** Our own ends; this machine's goes on. */
  stop(): Promise<void>;
}

/** Names of containers are answered by rules that `iptables` makes within each of them. */
const PACKAGES = [
  'docker.io',
  'containerd',
  'runc',
  'iptables',
  'libip4tc2',
  'libip6tc2',
  'libmnl0',
  'libnetfilter-conntrack3',
  'libnfnetlink0',
  'libnftnl11',
  'libxtables12',
];
const COMPOSE_VERSION = 'v2.40.3';
const START_MS = 30_000;
const POLL_MS = 100;
/** What a container may open at most: a machine may have less than Docker takes for granted. */
const NOFILE = 16_384;

/** @throws an Error with one line when it does not answer, or has no compose. */
export async function machineDocker(): Promise<Docker> {
  const docker = client('docker', {});
  await docker.run(['compose', 'version']);
  return { ...docker, version: await versionOf(docker), stop: () => Promise.resolve() };
}

/**
 * A daemon with a socket, containers and images of its own, which are kept in the cache between runs.
 * Needs root on Debian; changes nothing of the machine's network, so containers have no way out.
 */
export async function ownDocker(): Promise<Docker> {
  const programs = await debianPrograms('docker-iptables', PACKAGES);
  const plugin = await composePlugin();
  const folder = mkdtempSync(join(tmpdir(), 'helios-docker-'));
  const bin = ['usr/bin', 'usr/sbin'].map((name) => join(programs, name));
  const path = [folder, ...bin, process.env['PATH']].join(':');
  const socket = `unix://${join(folder, 'docker.sock')}`;
  const config = join(folder, 'daemon.json');
  writeFileSync(config, JSON.stringify(daemonSettings(folder, socket)));
  mkdirSync(join(folder, 'cli', 'cli-plugins'), { recursive: true });
  symlinkSync(plugin, join(folder, 'cli', 'cli-plugins', 'docker-compose'));
  // Debian makes this link when a package is installed.
  symlinkSync(join(programs, 'usr/sbin/xtables-nft-multi'), join(folder, 'iptables'));
  const libraries = join(programs, 'usr/lib', await libraryFolder());
  const log = join(folder, 'dockerd.log');
  const { child, ended } = spawnLogged({
    command: [join(programs, 'usr/sbin/dockerd'), '--config-file', config],
    cwd: folder,
    env: {
      PATH: path,
      LD_LIBRARY_PATH: libraries,
      XTABLES_LIBDIR: join(libraries, 'xtables'),
    },
    log,
  });
  const docker = client(join(programs, 'usr/bin/docker'), {
    PATH: path,
    DOCKER_HOST: socket,
    DOCKER_CONFIG: join(folder, 'cli'),
    DOCKER_BUILDKIT: '1',
  });
  const stop = async (): Promise<void> => {
    process.kill(child.pid!, 'SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  let hasEnded = false;
  void ended.then(() => hasEnded = true);
  const giveUpMs = performance.now() + START_MS;
  for (;;) {
    const version = await versionOf(docker).catch(() => undefined);
    if (version !== undefined) return { ...docker, version, stop };
    if (hasEnded || performance.now() > giveUpMs) {
      const { output } = await runTool('tail', ['-n', '15', log]);
      if (!hasEnded) await stop();
      throw new Error(`Cannot start dockerd: its log ends with\n${output}`);
    }
    await sleep(POLL_MS);
  }
}

/** `x86_64-linux-gnu` */
async function libraryFolder(): Promise<string> {
  return (await runTool('dpkg-architecture', ['-qDEB_HOST_MULTIARCH'])).output.trim();
}

function daemonSettings(folder: string, socket: string) {
  return {
    'data-root': join(cacheFolder('docker'), 'data'),
    'exec-root': join(folder, 'exec'),
    pidfile: join(folder, 'dockerd.pid'),
    hosts: [socket],
    iptables: false,
    ip6tables: false,
    bridge: 'none',
    'ip-forward': false,
    // Not every machine lets root take less than it has.
    'oom-score-adjust': 0,
    'default-ulimits': { nofile: { Name: 'nofile', Soft: NOFILE, Hard: NOFILE } },
  };
}

async function composePlugin(): Promise<string> {
  const folder = await cached(`docker-compose-${COMPOSE_VERSION}`, (folder) =>
    goBuild(folder, {
      module: ['github.com/docker/compose/v2', COMPOSE_VERSION],
      programs: { 'docker-compose': 'github.com/docker/compose/v2/cmd' },
      variables: [`github.com/docker/compose/v2/internal.Version=${COMPOSE_VERSION}`],
    }));
  return join(folder, 'bin', 'docker-compose');
}

function client(command: string, env: Record<string, string>): Pick<Docker, 'run'> {
  return {
    async run(args, more = {}) {
      const { code, output } = await runTool(command, args, {
        env: { ...process.env, ...env, ...more },
      });
      if (code === 0) return output;
      const why = code === undefined ? 'it is not installed' : lastLines(output, 40);
      throw new Error(`docker ${args.slice(0, 6).join(' ')} failed: ${why}`);
    },
  };
}

async function versionOf(docker: Pick<Docker, 'run'>): Promise<string> {
  return (await docker.run(['version', '--format', '{{.Server.Version}}'])).trim();
}
