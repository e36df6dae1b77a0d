/** A process this one starts and ends: nothing is left running, whatever happens here. */
import { type ChildProcess, spawn } from 'node:child_process';
import process from 'node:process';
import { PROJECT_DIR } from './runtime-command.ts';

export interface ChildOptions {
  env?: Record<string, string>;
  /** `show`: it prints to this terminal; `pipe`: standard input and output are the caller's. */
  output: 'show' | 'pipe';
  /** How long {@link Child.stop} waits before it kills; default 30 s. */
  stopMs?: number | undefined;
}

/** Lines of output kept to explain a failure. */
const LINES_KEPT = 20;
/** An exchange drains and stores what it holds before it goes. */
const STOP_MS = 30_000;

export class Child {
  readonly process: ChildProcess;
  /** Resolves when it has ended, with how: `code 0`, `signal SIGKILL`, or why it did not start. */
  readonly ended: Promise<string>;
  /** The end of its standard error, when that is not shown. */
  readonly lastLines: string[] = [];
  readonly #stopMs: number;
  #end: string | undefined;

  constructor([program, ...args]: readonly [string, ...string[]], options: ChildOptions) {
    this.#stopMs = options.stopMs ?? STOP_MS;
    this.process = spawn(program, args, {
      cwd: PROJECT_DIR,
      env: { ...process.env, ...options.env },
      stdio: options.output === 'show' ? ['ignore', 'inherit', 'inherit'] : 'pipe',
      // Ctrl-C reaches the whole terminal group; the child must hear of it from us alone, or it
      // would stop while traffic still runs.
      detached: true,
    });
    this.process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.lastLines.push(...text.split('\n').filter((line) => line !== ''));
      this.lastLines.splice(0, this.lastLines.length - LINES_KEPT);
    });
    this.ended = new Promise((resolve) => {
      this.process.once('error', (error) => resolve(error.message));
      this.process.once('close', (code, signal) => {
        resolve(signal === null ? `code ${code}` : `signal ${signal}`);
      });
    });
    void this.ended.then((end) => {
      this.#end = end;
      process.off('exit', this.#killNow);
    });
    process.once('exit', this.#killNow);
  }

  get pid(): number {
    return this.process.pid ?? 0;
  }

  /** How it ended; undefined while it runs. */
  get end(): string | undefined {
    return this.#end;
  }

  /** Asks it to end, and makes it when it does not. Resolves to how it ended. */
  async stop(): Promise<string> {
    if (this.#end !== undefined) return this.#end;
    this.#signal('SIGTERM');
    const timer = setTimeout(() => this.#signal('SIGKILL'), this.#stopMs);
    const end = await this.ended;
    clearTimeout(timer);
    return end;
  }

  /** Not `ChildProcess.kill`: on Deno its second call does nothing. */
  #signal(signal: 'SIGTERM' | 'SIGKILL'): void {
    if (this.#end !== undefined || this.process.pid === undefined) return;
    try {
      process.kill(this.process.pid, signal);
    } catch {
      // It ended just now.
    }
  }

  #killNow = (): void => this.#signal('SIGKILL');
}
