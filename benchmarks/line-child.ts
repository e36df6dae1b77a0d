/** A process of a benchmark that answers in lines on its standard output. */
import readline from 'node:readline';
import { runtimeName } from '#shared/runtime/runtime.ts';
import { Child } from '../scripts/load/child.ts';
import { runtimeCommand } from '../scripts/load/runtime-command.ts';

export class LineChild {
  readonly #purpose: string;
  readonly #child: Child;
  readonly #lines: AsyncIterator<string>;

  /** @param purpose what cannot be done when it fails: `generate load`. */
  constructor(purpose: string, script: string, args: readonly string[]) {
    this.#purpose = purpose;
    this.#child = new Child([...runtimeCommand(runtimeName, script), ...args], { output: 'pipe' });
    this.#lines = readline.createInterface({ input: this.#child.process.stdout! })
      [Symbol.asyncIterator]();
  }

  tell(line: string): void {
    this.#child.process.stdin!.write(`${line}\n`);
  }

  /** Its next line; rejects with its last words when it has ended, or says nothing for so long. */
  async line(withinMs: number): Promise<string> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(this.#failure('no line in time')), withinMs);
    try {
      const { value, done } = await Promise.race([this.#lines.next(), late.promise]);
      if (done) throw this.#failure(`it ended with ${await this.#child.ended}`);
      return value;
    } finally {
      clearTimeout(timer);
    }
  }

  async stop(): Promise<void> {
    await this.#child.stop();
  }

  #failure(state: string): Error {
    return new Error(
      [`Cannot ${this.#purpose}: ${state}`, ...this.#child.lastLines].join('\n'),
    );
  }
}
