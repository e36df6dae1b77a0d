/** One process of a cluster, looked after: started, asked whether it is ready, started again. */
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { spawnLogged } from '../engines/spawn-logged.ts';
import type { ProcessPlan } from './plan.ts';
import type { Readiness } from './readiness.ts';

export type ProcessState =
  /** `reason` is empty while there is none but that it takes time. */
  | { kind: 'starting' | 'not ready'; reason: string }
  | { kind: 'ready' }
  /** How: `code 1`, `SIGKILL`. */
  | { kind: 'ended'; how: string };

export interface Supervision {
  command: (plan: ProcessPlan) => readonly [string, ...string[]];
  look: (plan: ProcessPlan) => Promise<Readiness>;
  cwd: string;
  /** A file NAME.log for each process. */
  logDir: string;
  /** Whether one that ends by itself is started again. */
  restart: boolean;
  /** ms before that: a program that fails at once must not keep the machine busy. */
  restartMs: number;
  onChange: (one: SupervisedProcess) => void;
}

/** ms between looks: often while somebody waits for it. */
const LOOK_MS = { starting: 200, ready: 1_000 };
/** ms to end by itself: an exchange drains and stores what it holds. */
const STOP_MS = 30_000;

export class SupervisedProcess {
  readonly plan: ProcessPlan;
  readonly #on: Supervision;
  #running: { child: ChildProcess; ended: Promise<string> } | undefined;
  #state: ProcessState = { kind: 'ended', how: 'not started' };
  #startedMs = 0;
  #starts = 0;
  #again: NodeJS.Timeout | undefined;
  /** Told to end: it is not started again. */
  #stopping = false;

  constructor(plan: ProcessPlan, supervision: Supervision) {
    this.plan = plan;
    this.#on = supervision;
  }

  get state(): ProcessState {
    return this.#state;
  }

  /** 0 while there is none. */
  get pid(): number {
    return this.#running?.child.pid ?? 0;
  }

  get restarts(): number {
    return Math.max(0, this.#starts - 1);
  }

  /** ms since it was started; 0 while it does not run. */
  get upMs(): number {
    return this.#running ? performance.now() - this.#startedMs : 0;
  }

  get logFile(): string {
    return join(this.#on.logDir, `${this.plan.name}.log`);
  }

  start(): void {
    if (this.#running) return;
    clearTimeout(this.#again);
    this.#stopping = false;
    this.#starts++;
    this.#startedMs = performance.now();
    const running = this.#running = spawnLogged({
      command: this.#on.command(this.plan),
      cwd: this.#on.cwd,
      env: this.plan.env,
      log: this.logFile,
    });
    this.#change({ kind: 'starting', reason: '' });
    void running.ended.then((how) => this.#hasEnded(how));
    void this.#watch(running);
  }

  /** Resolves when it has ended, for a signal that ends it. Nothing happens while it does not run. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const running = this.#running;
    if (!running) return;
    try {
      process.kill(running.child.pid!, signal);
    } catch (error) {
      // It has just ended by itself; this process hears of it in a moment.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
    if (signal === 'SIGKILL' || signal === 'SIGTERM') await running.ended;
  }

  /** Ends it for good, by force after {@link STOP_MS}. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#again);
    const running = this.#running;
    if (!running) return;
    const force = setTimeout(() => void this.kill('SIGKILL'), STOP_MS);
    await this.kill('SIGTERM');
    clearTimeout(force);
  }

  #hasEnded(how: string): void {
    this.#running = undefined;
    this.#change({ kind: 'ended', how });
    if (this.#stopping || !this.#on.restart) return;
    this.#again = setTimeout(() => this.start(), this.#on.restartMs);
  }

  /** Until it ends. */
  async #watch(running: object): Promise<void> {
    let wasReady = false;
    while (this.#running === running) {
      const seen = await this.#on.look(this.plan);
      // Its door closes first when it ends.
      if (this.#running !== running || this.#stopping) return;
      wasReady ||= seen.ready;
      this.#change(
        seen.ready
          ? { kind: 'ready' }
          : wasReady
          ? { kind: 'not ready', reason: seen.reason || 'no answer' }
          : { kind: 'starting', reason: seen.reason },
      );
      await sleep(seen.ready ? LOOK_MS.ready : LOOK_MS.starting, undefined, { ref: false });
    }
  }

  #change(state: ProcessState): void {
    const told = JSON.stringify(state) !== JSON.stringify(this.#state);
    this.#state = state;
    if (told) this.#on.onChange(this);
  }
}
