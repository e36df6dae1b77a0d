/** The load generator's process, seen from the benchmark. */
import readline from 'node:readline';
import { Child } from '../scripts/load/child.ts';
import { runtimeCommand } from '../scripts/load/runtime-command.ts';
import { runtimeName } from '#shared/runtime/runtime.ts';
import type { LoadOrder, LoadReport } from './load-run.ts';

/** On top of the time ordered: connecting, and the last answers. */
const GRACE_MS = 15_000;

export class LoadGenerator {
  readonly #child: Child;
  readonly #lines: AsyncIterator<string>;

  private constructor(child: Child) {
    this.#child = child;
    this.#lines = readline.createInterface({ input: child.process.stdout! })
      [Symbol.asyncIterator]();
  }

  /** @param users known users the requests come from. */
  static async start(users: number): Promise<LoadGenerator> {
    const [program, ...args] = runtimeCommand(runtimeName, 'benchmarks/load.ts');
    const generator = new LoadGenerator(
      new Child([program, ...args, String(users)], { output: 'pipe' }),
    );
    await generator.#line(GRACE_MS);
    return generator;
  }

  async run(order: LoadOrder): Promise<LoadReport> {
    this.#child.process.stdin!.write(JSON.stringify(order) + '\n');
    return JSON.parse(await this.#line(order.seconds * 1000 + GRACE_MS)) as LoadReport;
  }

  async stop(): Promise<void> {
    await this.#child.stop();
  }

  async #line(withinMs: number): Promise<string> {
    const late = AbortSignal.timeout(withinMs);
    const timeout = new Promise<never>((_, reject) => {
      late.addEventListener('abort', () => reject(new Error(this.#failure('no report in time'))));
    });
    const { value, done } = await Promise.race([this.#lines.next(), timeout]);
    if (done) throw new Error(this.#failure(`it ended with ${await this.#child.ended}`));
    return value;
  }

  #failure(state: string): string {
    return `Cannot generate load: ${state}\n${this.#child.lastLines.join('\n')}`;
  }
}
