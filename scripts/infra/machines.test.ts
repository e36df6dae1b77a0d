/** The files for machines without a cluster: every process would start with them. */
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { parseConfig } from '#shared/config.ts';
import { REMOTE_LIMITS } from '#shared/runtime/remote-route.ts';
import { chooseStages } from '../../services/stage-choice.ts';
import { STOP_MS } from '../../services/stop-time.ts';
import { PROJECT_DIR } from '../load/runtime-command.ts';

const DIR = join(PROJECT_DIR, 'manifests', 'machines');
const SHARED = 'helios.env';
const units = globSync('*.env', { cwd: DIR }).filter((file) => file !== SHARED).sort();

test.for(units)('%s starts its stages', (file) => {
  const { STAGES = '', ...settings } = { ...read(SHARED), ...read(file) };
  const config = parseConfig(settings);
  expect(Object.keys(settings).filter((name) => !(name in config))).toEqual([]);
  const stages = STAGES.split(' ');
  expect(chooseStages(stages, config).toSorted()).toEqual(stages.toSorted());
  expect(stages).toContain(file === 'node.env' ? 'gateway' : basename(file, '.env'));
});

test('no two processes of a machine share a port', () => {
  const ports = units.flatMap((file) => {
    const { PORT, METRICS_PORT } = read(file);
    return [PORT, METRICS_PORT];
  });
  expect(new Set(ports).size).toBe(2 * units.length);
});

test('systemd waits until a process has drained and closed', () => {
  const unit = readFileSync(join(DIR, 'helios@.service'), 'utf8');
  const seconds = Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1]);
  const { DRAIN_MS } = parseConfig({ DRAIN_MS: read(SHARED)['DRAIN_MS'] });
  expect(1_000 * seconds).toBeGreaterThan(DRAIN_MS + STOP_MS);
});

test('the balancer looks often enough to see a process that leaves', () => {
  const config = readFileSync(join(DIR, 'haproxy.cfg'), 'utf8');
  const [, interMs, fall] = /check inter (\d+)ms fall (\d+)/.exec(config) ?? [];
  const { DRAIN_MS } = parseConfig({ DRAIN_MS: read(SHARED)['DRAIN_MS'] });
  expect(2 * Number(interMs) * Number(fall)).toBeLessThan(DRAIN_MS);
});

test('the balancer waits for as long as a gateway waits for a stage', () => {
  const config = readFileSync(join(DIR, 'haproxy.cfg'), 'utf8');
  const [, seconds] = /^ *timeout server (\d+)s$/m.exec(config) ?? [];
  expect(1_000 * Number(seconds)).toBeGreaterThan(REMOTE_LIMITS.answerMs);
});

/** As systemd and a shell read it. */
function read(file: string): Record<string, string> {
  const lines = readFileSync(join(DIR, file), 'utf8').split('\n');
  return Object.fromEntries(
    lines.flatMap((line) => {
      const [, name, value] = /^(\w+)="?(.*?)"?$/.exec(line) ?? [];
      return name === undefined ? [] : [[name, value!]];
    }),
  );
}
