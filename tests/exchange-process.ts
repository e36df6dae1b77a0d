/** Starts a whole exchange as a process of its own, on the runtime that runs the tests. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { runtimeCommand } from '#shared/runtime/runtime.ts';
import { freePorts } from '../scripts/engines/free-ports.ts';

const MAIN = new URL('../services/main.ts', import.meta.url);
/** A cold start on a busy two-core machine takes some seconds. */
const START_TIMEOUT_MS = 60_000;

export interface ExchangeProcess {
  url: string;
  metricsUrl: string;
  sqlUrl: string;
  profileAddress: string;
  dataDir: string;
  /** Holds it still, or lets it go on. */
  freeze(still: boolean): void;
  /** Everything it has printed. */
  output(): string;
  /** Ends it with a signal; resolves to its exit code, or to the signal that ended it. */
  stop(signal?: NodeJS.Signals): Promise<number | NodeJS.Signals | null>;
  /** Runs one statement on its ClickHouse endpoint. */
  sql<Row>(statement: string): Promise<Row[]>;
}

export interface ExchangeOptions {
  dataDir?: string;
  env?: Record<string, string>;
  stages?: string[];
  /** Whether it is ready; asked at the address of `/readyz`, over HTTP unless told otherwise. */
  isReady?: (url: string) => Promise<boolean>;
  /** ms it may take to be ready; more where many start at once. */
  startMs?: number;
}

/** Resolves when the exchange says it is ready; rejects with what it printed when it ends before. */
export async function startExchange(options: ExchangeOptions = {}): Promise<ExchangeProcess> {
  const dataDir = options.dataDir ?? await temporaryDataDir();
  const [free, profilePort, metricsPort, sqlPort] = await freePorts(4);
  const port = options.env?.PORT ?? free;
  const child = spawnExchange(options, {
    DATA_DIR: dataDir,
    PORT: String(port),
    PROFILE_PORT: String(profilePort),
    METRICS_PORT: String(metricsPort),
    CLICKHOUSE_PORT: String(sqlPort),
  });
  let printed = '';
  child.stdout!.on('data', (data) => printed += data);
  child.stderr!.on('data', (data) => printed += data);
  const ended = once(child, 'exit');
  const isReady = options.isReady ?? ((url) => fetch(url).then(({ ok }) => ok, () => false));
  const ready = (): Promise<boolean> => isReady(`http://127.0.0.1:${port}/readyz`);
  await readyOrEnded(child, ready, () => printed, options.startMs);
  return {
    url: `http://127.0.0.1:${port}`,
    metricsUrl: `http://127.0.0.1:${metricsPort}/metrics`,
    sqlUrl: `http://127.0.0.1:${sqlPort}`,
    profileAddress: `127.0.0.1:${profilePort}`,
    dataDir,
    freeze: (still) => process.kill(child.pid!, still ? 'SIGSTOP' : 'SIGCONT'),
    output: () => printed,
    async stop(signal = 'SIGTERM') {
      // Not `child.kill`: Deno's then reports the signal as the cause, even after a clean exit.
      if (child.exitCode === null && child.signalCode === null) process.kill(child.pid!, signal);
      const [code, by] = await ended as [number | null, NodeJS.Signals | null];
      return code ?? by;
    },
    async sql<Row>(statement: string) {
      const token = (await readFile(join(dataDir, 'sql-token'), 'utf8')).trim();
      const answer = await fetch(`http://127.0.0.1:${sqlPort}/?default_format=JSONEachRow`, {
        method: 'POST',
        headers: { 'x-clickhouse-user': 'default', 'x-clickhouse-key': token },
        body: statement,
      });
      const text = await answer.text();
      if (!answer.ok) throw new Error(text);
      return text.split('\n').filter(Boolean).map((line) => JSON.parse(line) as Row);
    },
  };
}

/** Runs an exchange that is expected to end by itself; resolves to what it printed and its exit code. */
export async function runExchange(
  options: ExchangeOptions & { env: Record<string, string> },
): Promise<{ code: number | null; output: string }> {
  const child = spawnExchange(options, {});
  let output = '';
  child.stdout!.on('data', (data) => output += data);
  child.stderr!.on('data', (data) => output += data);
  const timer = setTimeout(() => child.kill('SIGKILL'), START_TIMEOUT_MS);
  await once(child, 'close');
  clearTimeout(timer);
  return { code: child.exitCode, output };
}

export async function temporaryDataDir(): Promise<string> {
  return join(await mkdtemp(join(tmpdir(), 'helios-')), 'data');
}

export async function removeDataDir(dataDir: string): Promise<void> {
  await rm(join(dataDir, '..'), { recursive: true, force: true });
}

function spawnExchange(options: ExchangeOptions, env: Record<string, string>): ChildProcess {
  const [command, ...args] = runtimeCommand(MAIN, ...(options.stages ?? []));
  return spawn(command, args, {
    // Time enough on any machine: what a deadline does has tests of its own.
    env: { ...process.env, LOG_LEVEL: 'warn', TMAX_DEFAULT: '5000', ...env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function readyOrEnded(
  child: ChildProcess,
  isReady: () => Promise<boolean>,
  printed: () => string,
  startMs = START_TIMEOUT_MS,
): Promise<void> {
  const giveUpAt = Date.now() + startMs;
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(
        `The exchange ended with ${child.exitCode ?? child.signalCode}:\n${printed()}`,
      );
    }
    if (await isReady()) return;
    if (Date.now() > giveUpAt) {
      child.kill('SIGKILL');
      throw new Error(`The exchange was not ready in time:\n${printed()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
