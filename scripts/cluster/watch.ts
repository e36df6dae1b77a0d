/** Shows a cluster while it runs: a screen drawn each second, or a line for each change elsewhere. */
import type { WriteStream } from 'node:tty';
import type { KafkaAdmin } from '#shared/bus/kafka-admin.ts';
import { usageOf } from '../load/process-usage.ts';
import { Figures } from './figures.ts';
import { changeLine, statusLine, type StatusRow, statusTable } from './status.ts';
import type { SupervisedProcess } from './supervised.ts';

export interface WatchOptions {
  output: Pick<WriteStream, 'isTTY' | 'write' | 'columns' | 'rows'>;
  processes: () => readonly SupervisedProcess[];
  admin: KafkaAdmin;
  /** Names on Kafka, for the lag. */
  topics: readonly string[];
  /** Below the table: where to go and what to try. */
  hints: string;
}

export interface Watch {
  /** To be told of each change of state. */
  changed(one: SupervisedProcess): void;
  end(): void;
}

const DRAW_MS = 1_000;

export function watchCluster(options: WatchOptions): Watch {
  const { output } = options;
  if (!output.isTTY) {
    return {
      changed: (one) => void output.write(`${new Date().toISOString()}  ${lineOf(one)}\n`),
      end() {},
    };
  }
  const screen = new Screen(options);
  let ended = false;
  const draw = async (): Promise<void> => {
    if (ended) return;
    const text = await screen.text();
    if (ended) return;
    // Home, then below it: nothing flickers, and what was printed before stays above.
    output.write(`\x1b[H\x1b[J${text}\n`);
    setTimeout(() => void draw(), DRAW_MS);
  };
  void draw();
  return { changed() {}, end: () => void (ended = true) };
}

function lineOf({ plan, pid, state }: SupervisedProcess): string {
  return changeLine({ ...plan, pid, state });
}

class Screen {
  readonly #on: WatchOptions;
  readonly #figures = new Figures();
  readonly #cpu = new Map<number, { cpuUs: number; atMs: number }>();

  constructor(options: WatchOptions) {
    this.#on = options;
  }

  async text(): Promise<string> {
    const { processes, output, hints } = this.#on;
    const [lag, ...rows] = await Promise.all([
      this.#lag(),
      ...processes().map((one) => this.#row(one)),
    ]);
    const lines = `${statusLine(rows, lag)}\n\n${statusTable(rows)}\n\n${hints}`.split('\n');
    return lines.slice(0, (output.rows || 50) - 1)
      .map((line) => line.slice(0, (output.columns || 100) - 1)).join('\n');
  }

  async #row(one: SupervisedProcess): Promise<StatusRow> {
    const { plan, pid, state, upMs, restarts } = one;
    const { cpuUs, rssMiB } = usageOf(pid);
    const last = this.#cpu.get(pid);
    const atMs = performance.now();
    this.#cpu.set(pid, { cpuUs, atMs });
    const cpu = last ? (cpuUs - last.cpuUs) / 1_000 / (atMs - last.atMs) : NaN;
    const figure = state.kind === 'ready' ? await this.#figures.read(plan, pid) : undefined;
    const { name, runtime, url } = plan;
    return { name, runtime, url, pid, state, upMs, restarts, cpu, rssMiB, figure };
  }

  /** Of all groups; undefined when Kafka does not answer. */
  async #lag(): Promise<number | undefined> {
    const { admin, topics } = this.#on;
    const groups = await admin.groups(topics).catch(() => undefined);
    return groups?.reduce((sum, { lag }) => sum + lag, 0);
  }
}
