/** The steps of a long run: shown as they end, and as a page in Markdown. */
import { describeError } from '#shared/log.ts';

export interface Step {
  name: string;
  took: string;
  /** What was seen. */
  note: string;
  failed: boolean;
}

export class RunReport {
  readonly #title: string;
  /** About the run: what it was made with. */
  readonly facts: [name: string, value: string][] = [];
  readonly steps: Step[] = [];

  constructor(title: string) {
    this.#title = title;
  }

  get failed(): boolean {
    return this.steps.some((step) => step.failed);
  }

  /** Resolves to what `work` resolves to, which says what was seen; rejects as it does. */
  async step(name: string, work: () => Promise<string | void>): Promise<void> {
    const startMs = performance.now();
    const add = (note: string, failed: boolean): void => {
      const took = `${((performance.now() - startMs) / 1_000).toFixed(1)} s`;
      this.steps.push({ name, took, note, failed });
      console.log(`${failed ? 'FAILED' : 'ok'}`.padEnd(8) + `${name} (${took}) ${note}`);
    };
    try {
      add(await work() ?? '', false);
    } catch (error) {
      add(describeError(error), true);
      throw error;
    }
  }

  markdown(): string {
    const [total, failed] = [this.steps.length, this.steps.filter((step) => step.failed).length];
    return [
      `# ${this.#title}`,
      '',
      ...this.facts.map(([name, value]) => `- ${name}: ${value}`),
      `- Result: ${total - failed} of ${total} steps passed`,
      '',
      '| step | took | seen |',
      '| ---- | ---- | ---- |',
      ...this.steps.map(({ name, took, note, failed }) =>
        `| ${name} | ${took} | ${cell(failed ? `**failed**: ${note}` : note)} |`
      ),
      '',
    ].join('\n');
  }
}

function cell(text: string): string {
  return text.trim().replaceAll('|', '\\|').replaceAll('\n', '<br>');
}
