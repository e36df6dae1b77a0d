/** One process of an engine: started, waited for, killed, held still and started again by tests. */
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { lastLines } from './run-tool.ts';
import { spawnLogged } from './spawn-logged.ts';

export interface EngineNode {
  /** `127.0.0.1:port`; the same after a restart. */
  readonly address: string;
  /** Of the process that runs; 0 while there is none. */
  readonly pid: number;
  /** SIGKILL (the default) and SIGTERM resolve when it has ended, SIGSTOP and SIGCONT at once. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again on the same address; resolves when it answers. */
  start(): Promise<void>;
}

export interface EngineCommand {
  /** Names it in errors and its log: `kafka-1`. */
  name: string;
  address: string;
  command: readonly [string, ...string[]];
  env?: Record<string, string>;
  /** Its log is kept there; removed when this process ends without having stopped it. */
  dir: string;
  /** Whether it can be used. A rejection means not yet. */
  ready(): Promise<boolean>;
}

/** A broker on a busy two-core machine takes 15 s. */
const START_MS = 60_000;
const POLL_MS = 50;

export class EngineProcess implements EngineNode {
  readonly address: string;
  readonly #options: EngineCommand;
  #running: { child: ChildProcess; ended: Promise<unknown> } | undefined;

  constructor(options: EngineCommand) {
    this.#options = options;
    this.address = options.address;
  }

  get pid(): number {
    return this.#running?.child.pid ?? 0;
  }

  /** @throws an Error with the end of its log when it ends, or does not answer in time. */
  async start(): Promise<void> {
    if (this.#running) return;
    const { name, ready } = this.#options;
    const { child } = this.#running = this.#spawn();
    const giveUpAtMs = performance.now() + START_MS;
    while (!await ready().catch(() => false)) {
      if (this.#running?.child !== child) throw this.#failure(`${name} ended`);
      if (performance.now() > giveUpAtMs) {
        await this.kill();
        throw this.#failure(`${name} does not answer after ${START_MS / 1_000} s`);
      }
      await sleep(POLL_MS);
    }
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const running = this.#running;
    if (!running) return;
    // Not `ChildProcess.kill`: on Deno its second call does nothing.
    process.kill(running.child.pid!, signal);
    if (signal === 'SIGKILL' || signal === 'SIGTERM') await running.ended;
  }

  #spawn() {
    const { command, dir, env } = this.#options;
    const log = this.#log;
    const { child, ended } = spawnLogged({ command, cwd: dir, env, log, temporaryDir: dir });
    return {
      child,
      ended: ended.then(() => {
        if (this.#running?.child === child) this.#running = undefined;
      }),
    };
  }

  get #log(): string {
    return join(this.#options.dir, `${this.#options.name}.log`);
  }

  #failure(reason: string): Error {
    return new Error(`Cannot start the engine: ${reason}\n${lastLines(readText(this.#log))}`);
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '(it wrote no log)';
  }
}
