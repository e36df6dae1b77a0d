/** The supervisor, over programs that only note what happens to them. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { runtimeCommand } from '#shared/runtime/runtime.ts';
import { afterEach, expect, test } from 'vitest';
import type { ClusterPlan, ProcessPlan, Role } from './plan.ts';
import { type Cluster, startCluster, type StartOptions } from './start-cluster.ts';

const FAKE = fileURLToPath(new URL('fake-process.fixture.mjs', import.meta.url));

const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

test('starts all, tells when they are ready, and ends them along the pipeline', async () => {
  const { cluster, journal, changes } = start(['gateway', 'auction', 'auction', 'web']);
  await cluster.ready();
  expect(cluster.processes.map(({ state }) => state.kind)).toEqual(Array(4).fill('ready'));
  const pids = cluster.processes.map(({ pid }) => pid);
  await cluster.stop();
  expect(pids.map(lives)).toEqual([false, false, false, false]);
  const ended = journal().filter(({ what }) => what === 'ended').map(({ name }) => name);
  expect(ended[0]).toBe('gateway-1');
  expect(ended.slice(1, 3).sort()).toEqual(['auction-2', 'auction-3']);
  expect(ended[3]).toBe('web-4');
  expect(changes.filter((line) => line.startsWith('web-4'))).toEqual([
    'web-4 starting',
    'web-4 ready',
    'web-4 ended code 0',
  ]);
});

test('starts again what was killed, and only that', async () => {
  const { cluster, journal } = start(['gateway', 'auction']);
  await cluster.ready();
  const auction = cluster.byName('auction-2');
  const before = auction.pid;
  await cluster.kill('auction-2');
  expect(auction).toMatchObject({ pid: 0, state: { kind: 'ended', how: 'SIGKILL' } });
  await expect.poll(() => auction.state.kind).toBe('ready');
  expect(auction.restarts).toBe(1);
  expect(auction.pid).not.toBe(before);
  expect(cluster.byName('gateway-1').restarts).toBe(0);
  expect(journal().filter(({ name, what }) => name === 'auction-2' && what === 'up')).toHaveLength(
    2,
  );
});

test('leaves the dead when told so, until they are started', async () => {
  const { cluster } = start(['auction', 'web'], { restart: false });
  await cluster.ready();
  await cluster.kill('auction-1');
  await cluster.restart('web-2');
  await expect.poll(() => cluster.byName('web-2').state.kind).toBe('ready');
  expect(cluster.byName('web-2').restarts).toBe(1);
  expect(cluster.byName('auction-1').state).toEqual({ kind: 'ended', how: 'SIGKILL' });
  cluster.byName('auction-1').start();
  await cluster.ready();
});

test('what fails at the start is tried again, and its log says why', async () => {
  const { cluster } = start(['auction'], { restartMs: 1 }, 'fail');
  await expect.poll(() => cluster.byName('auction-1').restarts).toBeGreaterThan(1);
  await expect(cluster.ready(0)).rejects.toThrow(
    /^Not ready after 0 s: auction-1 .*auction-1\.log/,
  );
  await cluster.stop();
  expect(readFileSync(cluster.byName('auction-1').logFile, 'utf8')).toContain(
    'Cannot start: no reason\nCannot start: no reason\n',
  );
});

test('byName() names who is there', async () => {
  const { cluster } = start(['auction']);
  expect(() => cluster.byName('nobody')).toThrow('There is no process nobody, only auction-1');
});

function start(
  roles: Role[],
  options: Partial<StartOptions> = {},
  how = '',
): { cluster: Cluster; journal: () => { name: string; what: string }[]; changes: string[] } {
  const dir = mkdtempSync(join(tmpdir(), 'helios-cluster-'));
  const file = join(dir, 'journal');
  const journal = () => {
    try {
      return readFileSync(file, 'utf8').trim().split('\n').map((line) => {
        const [name, what, pid] = line.split(' ') as [string, string, string];
        return { name, what, pid: Number(pid) };
      });
    } catch {
      return [];
    }
  };
  const processes = roles.map((role, index): ProcessPlan => ({
    name: `${role}-${index + 1}`,
    role,
    stages: [],
    runtime: 'node',
    url: '',
    metricsUrl: '',
    env: {},
  }));
  const plan: ClusterPlan = { processes, gateways: [], clickhouseUrl: '' };
  const changes: string[] = [];
  const cluster = startCluster(plan, {
    logDir: join(dir, 'logs'),
    command: ({ name }) => runtimeCommand(FAKE, name, file, how),
    look: ({ name }) => {
      const last = journal().findLast((one) => one.name === name);
      const ready = last?.what === 'up' && lives(last.pid);
      return Promise.resolve(ready ? { ready } : { ready: false, reason: '' });
    },
    restartMs: 10,
    onChange: ({ plan: { name }, state }) =>
      changes.push(`${name} ${state.kind}${'how' in state ? ` ${state.how}` : ''}`),
    ...options,
  });
  undo.push(async () => {
    await cluster.stop();
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  });
  return { cluster, journal, changes };
}

function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
