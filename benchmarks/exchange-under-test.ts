/** The full exchange of a benchmark: own process, own empty data directory, own ports. */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Child } from '../scripts/load/child.ts';
import { type ExchangePorts, exchangePorts, startExchange } from '../scripts/load/exchange.ts';
import { PROJECT_DIR, type Runtime, runtimeCommand } from '../scripts/load/runtime-command.ts';
import { type Usage, usageOf } from '../scripts/load/process-usage.ts';
import { runtimeName } from '#shared/runtime/runtime.ts';

export interface Ledger {
  /** Rows of the outcomes table, one per imp when nothing is lost or repeated. */
  rows: number;
  imps: number;
  auctions: number;
}

/** What was answered must be in ClickHouse by then: analytics writes every second. */
const LEDGER_MS = 60_000;
/** Idle for us: what the exchange does while nobody asks. */
const IDLE_SHARE = 0.05;
const IDLE_LOOK_MS = 500;
const IDLE_WAIT_MS = 60_000;

export class ExchangeUnderTest {
  readonly child: Child;
  readonly port: number;
  /** What `/readyz` says it runs on. */
  readonly runtime: string;
  readonly #ports: ExchangePorts;
  readonly #dataDir: string;

  private constructor(child: Child, ports: ExchangePorts, dataDir: string, runtime: string) {
    this.child = child;
    this.port = ports.PORT;
    this.runtime = runtime;
    this.#ports = ports;
    this.#dataDir = dataDir;
  }

  /**
   * @param flags for the runtime, such as `--cpu-prof`
   * @param other settings besides, and another checkout's `services/main.ts`
   */
  static async start(
    runtime: Runtime,
    profiles: number,
    flags: readonly string[] = [],
    other: { env?: Record<string, string>; main?: string } = {},
  ): Promise<ExchangeUnderTest> {
    const dataDir = await mkdtemp(path.join(tmpdir(), 'helios-bench-'));
    const ports = await exchangePorts();
    const env = {
      ...Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, String(port)])),
      DATA_DIR: dataDir,
      HOST: '127.0.0.1',
      LOG_LEVEL: 'warn',
      ...other.env,
    };
    try {
      const url = `http://127.0.0.1:${ports.PORT}`;
      const command = runtimeCommand(runtime, other.main ?? 'services/main.ts', flags);
      const child = await startExchange(command, url, { env, output: 'pipe' });
      // When the benchmark is interrupted; after the child's own handler, which kills it.
      process.once('exit', () => rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 }));
      // Nobody reads it; unread, the pipe would fill and stop the exchange.
      child.process.stdout!.resume();
      if (profiles > 0) seedProfiles(profiles, `127.0.0.1:${ports.PROFILE_PORT}`, runtime);
      const ready = await (await fetch(`${url}/readyz`)).json() as { runtime: string };
      return new ExchangeUnderTest(child, ports, dataDir, ready.runtime);
    } catch (error) {
      await rm(dataDir, { recursive: true, force: true });
      throw error;
    }
  }

  get metricsUrl(): string {
    return `http://127.0.0.1:${this.#ports.METRICS_PORT}/metrics`;
  }

  usage(): Usage {
    return usageOf(this.child.pid);
  }

  /** Resolves when it has nothing left to do, to the seconds that took. */
  async idle(): Promise<number> {
    const startMs = performance.now();
    while (performance.now() - startMs < IDLE_WAIT_MS) {
      const before = this.usage().cpuUs;
      await sleep(IDLE_LOOK_MS);
      if (!(this.usage().cpuUs - before > IDLE_SHARE * IDLE_LOOK_MS * 1000)) break;
    }
    return (performance.now() - startMs) / 1000;
  }

  /** Resolves when ClickHouse holds this many auctions, or to what it holds when time is up. */
  async ledger(auctions: number): Promise<Ledger> {
    const endMs = performance.now() + LEDGER_MS;
    while (true) {
      const ledger = await this.#count();
      if (ledger.auctions >= auctions || performance.now() > endMs) return ledger;
      await sleep(IDLE_LOOK_MS);
    }
  }

  /** Requests it answered empty because their deadline came first, so far. */
  async expired(): Promise<number> {
    const response = await fetch(this.metricsUrl);
    const line = /^helios_requests_total\{result="deadline"\} (\d+)$/m.exec(await response.text());
    return Number(line?.[1] ?? 0);
  }

  /** Ends it and deletes its data. Resolves to how it ended. */
  async stop(): Promise<string> {
    const end = await this.child.stop();
    await rm(this.#dataDir, { recursive: true, force: true });
    return end;
  }

  async #count(): Promise<Ledger> {
    const token = (await readFile(path.join(this.#dataDir, 'sql-token'), 'utf8')).trim();
    const response = await fetch(`http://127.0.0.1:${this.#ports.CLICKHOUSE_PORT}/`, {
      method: 'POST',
      headers: { 'x-clickhouse-user': 'default', 'x-clickhouse-key': token },
      body: COUNT_SQL,
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`Cannot count the outcomes: ${text.slice(0, 300)}`);
    const [rows, imps, auctions] = text.trim().split('\t').map(Number) as [number, number, number];
    return { rows, imps, auctions };
  }
}

/** Without FINAL: a row stored twice must show. */
const COUNT_SQL = `SELECT count(), uniqExact(auction_id, imp_id), uniqExact(auction_id)
FROM helios.outcomes FORMAT TabSeparated`;

/** Writes them over gRPC; blocks until they are there. */
export function seedProfiles(
  profiles: number,
  addr: string,
  runtime: Runtime = runtimeName,
): void {
  const [program, ...args] = runtimeCommand(runtime, 'scripts/seed.ts');
  const flags = ['--profiles', String(profiles), '--addr', addr];
  const { status, stderr } = spawnSync(program, [...args, ...flags], {
    cwd: PROJECT_DIR,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`Cannot write profiles: ${stderr.trim()}`);
}
