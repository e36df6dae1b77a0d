/** The viewers' process, seen from the benchmark. */
import { LineChild } from './line-child.ts';
import type { ViewersReport } from './live-viewers.ts';

/** Five thousand sockets take some seconds to open on a busy machine. */
const PATIENCE_MS = 120_000;

export class Viewers {
  readonly #child: LineChild;

  private constructor(child: LineChild) {
    this.#child = child;
  }

  /** Resolves when all of them have subscribed. */
  static async start(port: number, viewers: number): Promise<Viewers> {
    const args = [String(port), String(viewers)];
    const child = new LineChild('watch', 'benchmarks/live-viewers.ts', args);
    await child.line(PATIENCE_MS);
    return new Viewers(child);
  }

  /** What came since the last report, or since the start. */
  async report(): Promise<ViewersReport> {
    this.#child.tell('report');
    return JSON.parse(await this.#child.line(PATIENCE_MS)) as ViewersReport;
  }

  async stop(): Promise<void> {
    await this.#child.stop();
  }
}
