/** The load generator's process, seen from the benchmark. */
import { LineChild } from './line-child.ts';
import type { LoadOrder, LoadReport } from './load-run.ts';

/** To make its requests, also on a busy machine. */
const START_MS = 60_000;
/** On top of the time ordered: connecting, and the last answers. */
const GRACE_MS = 15_000;

export class LoadGenerator {
  readonly #child: LineChild;

  private constructor(child: LineChild) {
    this.#child = child;
  }

  /** @param users known users the requests come from. */
  static async start(users: number): Promise<LoadGenerator> {
    const child = new LineChild('generate load', 'benchmarks/load.ts', [String(users)]);
    await child.line(START_MS);
    return new LoadGenerator(child);
  }

  async run(order: LoadOrder): Promise<LoadReport> {
    this.#child.tell(JSON.stringify(order));
    return JSON.parse(await this.#child.line(order.seconds * 1000 + GRACE_MS)) as LoadReport;
  }

  async stop(): Promise<void> {
    await this.#child.stop();
  }
}
