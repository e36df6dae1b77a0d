/** Steps against one control plane, each of which says what it saw or why it failed. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lastLines } from '../engines/run-tool.ts';
import type { ControlPlane } from './control-plane.ts';

export interface Step {
  name: string;
  passed: boolean;
  /** What was seen, or why it failed. */
  detail: string;
  seconds: number;
}

export class Exam {
  readonly steps: Step[] = [];
  readonly plane: ControlPlane;
  readonly #scratch: string;
  #files = 0;

  constructor(plane: ControlPlane, scratch: string) {
    this.plane = plane;
    this.#scratch = scratch;
  }

  get failed(): number {
    return this.steps.filter(({ passed }) => !passed).length;
  }

  /** Runs it and goes on, whatever comes of it. */
  async step(name: string, work: () => Promise<string>): Promise<void> {
    const begun = performance.now();
    let passed = true;
    let detail: string;
    try {
      detail = await work();
    } catch (error) {
      passed = false;
      detail = (error as Error).message;
    }
    const seconds = (performance.now() - begun) / 1_000;
    this.steps.push({ name, passed, detail, seconds });
    console.log(`${passed ? 'ok  ' : 'FAIL'} ${name}: ${detail} (${seconds.toFixed(1)} s)`);
  }

  /** @throws an Error with what kubectl says when it does not end well. */
  async kubectl(...args: string[]): Promise<string> {
    const { code, output } = await this.plane.kubectl(...args);
    if (code === 0) return output;
    throw new Error(`kubectl ${args[0]}: ${lastLines(output, 5)}`);
  }

  async apply(objects: readonly object[]): Promise<void> {
    await this.kubectl('apply', '--server-side', '-f', this.file(objects));
  }

  /** What the API server says to it; undefined when it would take it. */
  async refusalOf(object: object): Promise<string | undefined> {
    const { code, output } = await this.plane.kubectl(
      'apply',
      '--server-side',
      '--force-conflicts',
      '--dry-run=server',
      // By the server, not by kubectl before.
      '--validate=false',
      '-f',
      this.file([object]),
    );
    return code === 0 ? undefined : output;
  }

  /** A file that kubectl reads. */
  file(objects: readonly object[]): string {
    const file = join(this.#scratch, `${++this.#files}.json`);
    writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
    return file;
  }
}
