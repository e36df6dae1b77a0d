/**
 * Alerts and dashboards ask for what processes really tell. Every metric and label they name is looked
 * for in the `/metrics` of an exchange; that they mean what they should is proved by promtool.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBackends } from '#shared/backends.ts';
import { tellLag } from '#shared/bus/kafka-lag.ts';
import { parseConfig, topicNamesOf } from '#shared/config.ts';
import { createLog } from '#shared/log.ts';
import { createMetrics } from '#shared/metrics.ts';
import { cacheFolder } from '../scripts/engines/cache.ts';
import { DASHBOARDS, DASHBOARDS_DIR, dashboardText } from '../scripts/infra/make-dashboards.ts';
import { PROJECT_DIR } from '../scripts/load/runtime-command.ts';
import {
  type ExchangeProcess,
  removeDataDir,
  startExchange,
  temporaryDataDir,
} from './exchange-process.ts';

const PROMETHEUS_DIR = join(PROJECT_DIR, 'manifests/prometheus');
const read = (file: string): string => readFileSync(join(PROJECT_DIR, file), 'utf8');
const RULES = read('manifests/prometheus/rules/helios.yaml');
const dashboardFiles = globSync('*.json', { cwd: DASHBOARDS_DIR }).sort();

interface GrafanaDashboard {
  uid: string;
  title: string;
  templating: { list: { name: string }[] };
  panels: {
    id: number;
    type: string;
    title: string;
    gridPos: Record<'x' | 'y' | 'w' | 'h', number>;
    targets?: unknown[];
  }[];
}

/** What Prometheus itself makes: of targets, and of alerts. */
const OF_PROMETHEUS = new Set(['up', 'ALERTS']);
/** Of a target, or made by the relabelling in prometheus.yml. */
const LABELS_OF_TARGETS = ['job', 'instance', 'component', 'alertname', 'alertstate', 'le'];

describe('what processes tell', () => {
  let exchange: ExchangeProcess;
  let dataDir: string;
  /** Labels of each metric. */
  const told = new Map<string, Set<string>>();

  beforeAll(async () => {
    dataDir = await temporaryDataDir();
    exchange = await startExchange({ dataDir });
    // Some labels are bound when they are first met.
    const bid = { user_id: 'user-001', site: { domain: 'example.com' } };
    const answer = await fetch(`${exchange.url}/bid`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(bid),
    });
    expect(answer.status).toBe(200);
    read(await (await fetch(exchange.metricsUrl)).text());
    read(await metricsOfKafka());
    // Some are told only when it has happened: of those the code says which labels there will be.
    for (const [name, labels] of declaredLabels()) {
      if (told.has(name)) told.set(name, new Set([...told.get(name)!, ...labels]));
    }

    function read(text: string): void {
      for (const line of text.split('\n')) {
        const [, typed] = /^# TYPE (\S+)/.exec(line) ?? [];
        const [, name = typed, labels = ''] = /^(\w+)(?:\{(.*)\})? /.exec(line) ?? [];
        if (!name) continue;
        const known = told.get(name) ?? new Set();
        for (const [, label] of labels.matchAll(/(\w+)="/g)) known.add(label!);
        told.set(name, known);
      }
    }
  });
  afterAll(async () => {
    await exchange?.stop();
    await removeDataDir(dataDir);
  });

  test('every metric of a rule exists, with its labels', () => {
    for (const expr of expressionsOf(RULES)) expect(unknownIn(expr), expr).toEqual([]);
  });

  test.each(dashboardFiles)('every metric of %s exists, with its labels', (file) => {
    const text = readFileSync(join(DASHBOARDS_DIR, file), 'utf8');
    const exprs = [...text.matchAll(/"expr": ("(?:[^"\\]|\\.)*")/g)]
      .map(([, json]) => JSON.parse(json!) as string);
    expect(exprs.length).toBeGreaterThan(5);
    for (const expr of exprs) expect(unknownIn(expr), expr).toEqual([]);
  });

  test('a metric that does not exist is found, and a label', () => {
    expect(unknownIn('rate(helios_requests_totals[5m])')).toEqual(['helios_requests_totals']);
    expect(unknownIn('sum by (outcome) (helios_requests_total)')).toEqual(['label outcome']);
    expect(unknownIn('helios_requests_total{outcome="filled"}')).toEqual(['label outcome']);
  });

  /** Metrics of an expression that nobody tells, and labels that none of its metrics has. */
  function unknownIn(expr: string): string[] {
    const plain = expr.replace(/"[^"]*"/g, '""');
    const names = [...plain.matchAll(/\b(helios_\w+|up|ALERTS)\b/g)].map(([name]) => name!);
    expect(names.length + (plain.includes('helios:') ? 1 : 0), expr).toBeGreaterThan(0);
    const missing = names.filter((name) => !told.has(name) && !OF_PROMETHEUS.has(name));
    if (missing.length > 0) return missing;
    const labels = [
      ...[...plain.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*""/g)].map(([, label]) => label!),
      ...[...plain.matchAll(/\b(?:by|on|without)\s*\(([\w\s,]*)\)/g)]
        .flatMap(([, list]) => list!.split(',').map((label) => label.trim()).filter(Boolean)),
    ];
    const known = new Set([
      ...LABELS_OF_TARGETS,
      ...names.flatMap((name) => [...(told.get(name) ?? [])]),
    ]);
    return labels.filter((label) => !known.has(label)).map((label) => `label ${label}`);
  }
});

/** `counter('helios_…', 'help', ['label'])` in the code of the stages. */
function declaredLabels(): [string, string[]][] {
  const files = globSync(['services/**/*.ts', 'shared/**/*.ts'], { cwd: PROJECT_DIR });
  return files.flatMap((file) =>
    [...read(file).matchAll(/'(helios_\w+)',\s*'(?:[^'\\]|\\.)*',\s*\[([^\]]*)\]/g)]
      .map(([, name, labels]): [string, string[]] => [
        name!,
        [...labels!.matchAll(/'(\w+)'/g)].map(([, label]) => label!),
      ])
  );
}

/** What is told only where the bus is Kafka; none is needed to say its name. */
async function metricsOfKafka(): Promise<string> {
  const config = parseConfig({ KAFKA_BROKERS: '127.0.0.1:1' });
  const metrics = createMetrics();
  const away = new AbortController();
  away.abort();
  await expect(
    openBackends(config, createLog('silent'), metrics, new Set(['bus']), { signal: away.signal }),
  ).rejects.toThrow();
  const lag = tellLag(config.KAFKA_BROKERS, topicNamesOf(config), metrics);
  const { text } = await metrics.render();
  await lag.close();
  // They have labels while Kafka answers: named here, as the code does.
  return `${text}\nhelios_group_lag_records{group="",topic=""} 0\n` +
    'helios_group_members{group="",topic=""} 0\n';
}

describe('alerts', () => {
  const alerts = [...RULES.matchAll(/^ {6}- alert: (\w+)\n([^]*?)(?=\n\n|\n*$(?![^]))/gm)]
    .map(([, name, body]) => [name!, body!] as const);
  const operations = read('docs/operations.md');
  const proved = read('manifests/prometheus/alerts.test.yaml');

  test('are all found', () => {
    expect(alerts.length).toBe(RULES.match(/\balert:/g)!.length);
    expect(new Set(alerts.map(([name]) => name)).size).toBe(alerts.length);
  });

  test.each(alerts)('%s says what to do, how bad it is, and is proved', (name, body) => {
    expect(body).toMatch(/severity: (critical|warning)\b/);
    expect(body).toMatch(/^ +summary: \S/m);
    expect(body).toContain(`runbook_url: docs/operations.md#${name.toLowerCase()}`);
    expect(operations).toMatch(new RegExp(`^### ${name}\n\n\\S`, 'm'));
    // At least one test in which it fires.
    expect(proved).toMatch(
      new RegExp(`alertname: ${name}\n\\s+eval_time: \\S+\n\\s+exp_alerts:\n`),
    );
  });

  test('every paragraph of docs/operations.md is of an alert there is', () => {
    const told = [...operations.matchAll(/^### (Helios\w+)$/gm)].map(([, name]) => name!);
    expect(told.sort()).toEqual(alerts.map(([name]) => name).sort());
  });
});

describe('dashboards', () => {
  test('are those of the code: run node scripts/infra/make-dashboards.ts', () => {
    expect(dashboardFiles).toEqual(Object.keys(DASHBOARDS).map((name) => `${name}.json`).sort());
    for (const [name, dashboard] of Object.entries(DASHBOARDS)) {
      const file = join(DASHBOARDS_DIR, `${name}.json`);
      expect(readFileSync(file, 'utf8'), name).toBe(dashboardText(dashboard));
    }
  });

  test.each(dashboardFiles)('%s: panels are whole, and none covers another', (file) => {
    const { uid, title, panels, templating } = JSON.parse(
      readFileSync(join(DASHBOARDS_DIR, file), 'utf8'),
    ) as GrafanaDashboard;
    expect([uid, title].every(Boolean)).toBe(true);
    const variables = new Set(templating.list.map(({ name }) => name));
    const cells = new Set<string>();
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const panel of panels) {
      const { x, y, w, h } = panel.gridPos;
      expect(x + w).toBeLessThanOrEqual(24);
      const covered = Array.from(
        { length: w * h },
        (_, at) => `${x + at % w},${y + Math.floor(at / w)}`,
      );
      expect(covered.filter((cell) => cells.has(cell)), `${panel.title} covers another`)
        .toEqual([]);
      for (const cell of covered) cells.add(cell);
      if (panel.type === 'row') continue;
      expect(panel.targets?.length, panel.title).toBeGreaterThan(0);
      for (const [, name] of JSON.stringify(panel).matchAll(/\$\{?(\w+)/g)) {
        if (!name!.startsWith('__')) expect(variables, panel.title).toContain(name);
      }
    }
  });

  test('compose.yaml has the processes Prometheus looks for', () => {
    const [, names = ''] = /names: \[([^\]]*)\]/.exec(read('manifests/prometheus/prometheus.yml'))!;
    const compose = read('compose.yaml');
    for (const name of names.split(',').map((one) => one.trim())) {
      expect(compose).toMatch(new RegExp(`^  ${name}:`, 'm'));
    }
  });
});

const promtool = findPromtool();
describe.skipIf(promtool === undefined)('promtool (left out where it is not installed)', () => {
  const run = (...args: string[]) =>
    spawnSync(promtool!, args, { cwd: PROMETHEUS_DIR, encoding: 'utf8' });

  test('takes the rules, and each alert fires when it should and only then', () => {
    const { status, stdout, stderr } = run('test', 'rules', 'alerts.test.yaml');
    expect(status, stdout + stderr).toBe(0);
  });

  test.each(dashboardFiles)('can read every query of %s', async (file) => {
    const text = readFileSync(join(DASHBOARDS_DIR, file), 'utf8');
    const rules = [...text.matchAll(/"expr": ("(?:[^"\\]|\\.)*")/g)].map(([, json], index) => ({
      record: `query:${index}`,
      expr: (JSON.parse(json!) as string).replaceAll(/\$__(rate_interval|range)/g, '5m')
        .replaceAll(/\$\w+/g, 'any'),
    }));
    const folder = await mkdtemp(join(tmpdir(), 'helios-rules-'));
    try {
      const path = join(folder, 'rules.json');
      writeFileSync(path, JSON.stringify({ groups: [{ name: 'queries', rules }] }));
      const { status, stdout, stderr } = run('check', 'rules', path);
      expect(status, stdout + stderr).toBe(0);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

function findPromtool(): string | undefined {
  const cached = join(cacheFolder(`debian-prometheus-${process.arch}`), 'usr/bin/promtool');
  return [cached, 'promtool'].find((command) =>
    (command === 'promtool' || existsSync(command)) &&
    spawnSync(command, ['--version']).status === 0
  );
}

/** The `expr` of each rule: on its line, or in the indented lines below. */
function expressionsOf(rules: string): string[] {
  const found = [...rules.matchAll(/^( +)expr: (?:\|\n((?:\1 +\S.*\n)+)|(.*)\n)/gm)]
    .map(([, , block, line]) => block ?? line!);
  expect(found.length).toBe(rules.match(/\bexpr:/g)!.length);
  return found;
}
