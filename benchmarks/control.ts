/** The control's process, seen from the benchmark. */
import readline from 'node:readline';
import { Child } from '../scripts/load/child.ts';
import { type Usage, usageOf } from '../scripts/load/process-usage.ts';
import { type Runtime, runtimeCommand } from '../scripts/load/runtime-command.ts';

export class ControlServer {
  readonly port: number;
  readonly #child: Child;

  private constructor(child: Child, port: number) {
    this.#child = child;
    this.port = port;
  }

  static async start(runtime: Runtime): Promise<ControlServer> {
    const child = new Child(runtimeCommand(runtime, 'benchmarks/control-server.ts'), {
      output: 'pipe',
    });
    for await (const line of readline.createInterface({ input: child.process.stdout! })) {
      return new ControlServer(child, Number(line));
    }
    throw new Error(
      `Cannot start the control: ${await child.ended}\n${child.lastLines.join('\n')}`,
    );
  }

  usage(): Usage {
    return usageOf(this.#child.pid);
  }

  async stop(): Promise<void> {
    await this.#child.stop();
  }
}
