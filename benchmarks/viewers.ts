/** The viewers' process, seen from the benchmark. */
import readline from 'node:readline';
import { runtimeName } from '#shared/runtime/runtime.ts';
import { Child } from '../scripts/load/child.ts';
import { runtimeCommand } from '../scripts/load/runtime-command.ts';
import type { ViewersReport } from './live-viewers.ts';

export class Viewers {
  readonly #child: Child;
  readonly #lines: AsyncIterator<string>;

  private constructor(child: Child) {
    this.#child = child;
    this.#lines = readline.createInterface({ input: child.process.stdout! })
      [Symbol.asyncIterator]();
  }

  /** Resolves when all of them have subscribed. */
  static async start(port: number, viewers: number): Promise<Viewers> {
    const command = runtimeCommand(runtimeName, 'benchmarks/live-viewers.ts');
    const child = new Child([...command, String(port), String(viewers)], { output: 'pipe' });
    const started = new Viewers(child);
    await started.#line();
    return started;
  }

  /** What came since the last report, or since the start. */
  async report(): Promise<ViewersReport> {
    this.#child.process.stdin!.write('report\n');
    return JSON.parse(await this.#line()) as ViewersReport;
  }

  async stop(): Promise<void> {
    await this.#child.stop();
  }

  async #line(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (!done) return value;
    const state = await this.#child.ended;
    throw new Error(`Cannot watch: ${state}\n${this.#child.lastLines.join('\n')}`);
  }
}
