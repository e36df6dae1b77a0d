/** A real Prometheus with the project's rules and a real Alertmanager, which tells a webhook here. */
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EngineProcess } from '../engines/engine-process.ts';
import { freePorts } from '../engines/free-ports.ts';
import { runTool } from '../engines/run-tool.ts';
import { PROJECT_DIR } from '../load/runtime-command.ts';
import { debianPrograms } from './debian-programs.ts';

export interface Told {
  name: string;
  status: 'firing' | 'resolved';
  labels: Record<string, string>;
  summary: string;
  /** As `performance.now()`. */
  atMs: number;
}

export interface AlertWatch {
  /** Of Prometheus and Alertmanager. */
  versions: string;
  /** What the webhook was told so far. */
  readonly told: readonly Told[];
  /** Resolves to the first such notice since `sinceMs`; rejects after `waitMs`. */
  until(name: string, status: Told['status'], sinceMs: number, waitMs: number): Promise<Told>;
  /** How many targets Prometheus reaches. */
  targetsUp(): Promise<number>;
  stop(): Promise<void>;
}

/** Debian calls the second after its package. */
const PROGRAMS = ['prometheus', 'prometheus-alertmanager'] as const;
const POLL_MS = 100;
const ASK_MS = 5_000;

/** @param targets `host:port` of metrics, by the name of the process */
export async function startAlertWatch(
  targets: Readonly<Record<string, string>>,
): Promise<AlertWatch> {
  const root = await debianPrograms('prometheus', PROGRAMS);
  const folder = join(root, 'usr/bin');
  const dir = mkdtempSync(join(tmpdir(), 'helios-alerts-'));
  const told: Told[] = [];
  const webhook = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (part) => text += part);
    request.on('end', () => {
      const { alerts } = JSON.parse(text) as Webhook;
      for (const { status, labels, annotations } of alerts) {
        const atMs = performance.now();
        const summary = annotations['summary'] ?? '';
        told.push({ name: labels['alertname']!, status, labels, summary, atMs });
      }
      response.end();
    });
  }).listen(0, '127.0.0.1');
  await once(webhook, 'listening');
  const { port: webhookPort } = webhook.address() as AddressInfo;
  const [port, managerPort] = await freePorts(2) as [number, number];
  write(dir, 'alertmanager.yml', {
    route: { receiver: 'webhook', group_by: ['alertname'], group_wait: '1s', group_interval: '1s' },
    receivers: [{
      name: 'webhook',
      webhook_configs: [{ url: `http://127.0.0.1:${webhookPort}/`, send_resolved: true }],
    }],
  });
  write(dir, 'prometheus.yml', {
    // Four times as often as elsewhere; what the rules wait for is as it is.
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: [join(PROJECT_DIR, 'manifests/prometheus/rules/*.yaml')],
    alerting: {
      alertmanagers: [{ static_configs: [{ targets: [`127.0.0.1:${managerPort}`] }] }],
    },
    scrape_configs: [{
      job_name: 'helios',
      static_configs: Object.entries(targets).map(([component, target]) => ({
        targets: [target],
        labels: { component },
      })),
    }],
  });
  const engine = (name: string, at: number, ready: string, args: readonly string[]) =>
    new EngineProcess({
      name,
      address: `127.0.0.1:${at}`,
      command: [
        ...withShare(root),
        join(folder, name),
        ...args,
        `--web.listen-address=127.0.0.1:${at}`,
      ],
      dir,
      ready: () => fetch(`http://127.0.0.1:${at}${ready}`).then(({ ok }) => ok),
    });
  const manager = engine('prometheus-alertmanager', managerPort, '/-/ready', [
    `--config.file=${join(dir, 'alertmanager.yml')}`,
    `--storage.path=${join(dir, 'alertmanager')}`,
    '--cluster.listen-address=',
  ]);
  const prometheus = engine('prometheus', port, '/-/ready', [
    `--config.file=${join(dir, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(dir, 'prometheus')}`,
  ]);
  const stop = async (): Promise<void> => {
    await Promise.all([prometheus.kill('SIGTERM'), manager.kill('SIGTERM')]);
    webhook.close();
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    await Promise.all([manager.start(), prometheus.start()]);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    versions: await versionsOf(folder),
    told,
    async until(name, status, sinceMs, waitMs) {
      const giveUpMs = sinceMs + waitMs;
      for (;;) {
        const found = told.find((one) =>
          one.name === name && one.status === status && one.atMs >= sinceMs
        );
        if (found) return found;
        if (performance.now() > giveUpMs) {
          const others = told.map((one) => `${one.name} ${one.status}`).join(', ');
          throw new Error(`${name} was not ${status} within ${waitMs / 1_000} s; told: ${others}`);
        }
        await sleep(POLL_MS);
      }
    },
    async targetsUp() {
      const url = `http://127.0.0.1:${port}/api/v1/query?query=sum(up)`;
      const answer = await fetch(url, { signal: AbortSignal.timeout(ASK_MS) });
      const { data } = await answer.json() as { data: { result: { value: [number, string] }[] } };
      return Number(data.result[0]?.value[1] ?? 0);
    },
    stop,
  };
}

interface Webhook {
  alerts: {
    status: Told['status'];
    labels: Record<string, string>;
    annotations: Record<string, string>;
  }[];
}

/**
 * Alertmanager reads a template below `/usr/share`, wherever it is itself: it gets that of its package,
 * in a view of the file system of its own.
 */
function withShare(root: string): [string, ...string[]] {
  const here = 'mount -t overlay overlay -o "lowerdir=$0/usr/share:/usr/share" /usr/share';
  return ['unshare', '--mount', 'sh', '-c', `${here} && exec "$@"`, root];
}

/** JSON is YAML. */
function write(dir: string, name: string, content: unknown): void {
  writeFileSync(join(dir, name), JSON.stringify(content, null, 2));
}

async function versionsOf(folder: string): Promise<string> {
  const version = async (name: string): Promise<string> => {
    const { output } = await runTool(join(folder, name), ['--version']);
    return `${name} ${/version (\S+)/.exec(output)?.[1] ?? 'of unknown version'}`;
  };
  return (await Promise.all(PROGRAMS.map(version))).join(', ');
}
