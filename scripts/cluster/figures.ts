/** One figure of each process, out of its `/metrics`: how much it does now. */
import type { ProcessPlan, Role } from './plan.ts';

/** What is counted where, and what the count of a second is called. */
const FIGURES: Partial<Record<Role, { metric: string; unit: string }>> = {
  gateway: { metric: 'helios_requests_total', unit: 'requests/s' },
  node: { metric: 'helios_requests_total', unit: 'requests/s' },
  bidding: { metric: 'helios_bids_total', unit: 'bids/s' },
  auction: { metric: 'helios_auctions_total', unit: 'auctions/s' },
  analytics: { metric: 'helios_warehouse_rows_total', unit: 'rows/s' },
  profile: { metric: 'helios_profile_reads_total', unit: 'profiles/s' },
};
const ANSWER_MS = 900;

export class Figures {
  readonly #last = new Map<string, { pid: number; count: number; atMs: number }>();

  /** Since the last time it was asked; undefined where there is none. */
  async read(plan: ProcessPlan, pid: number): Promise<string | undefined> {
    const figure = FIGURES[plan.role];
    if (!figure || pid === 0) return undefined;
    const text = await fetch(plan.metricsUrl, { signal: AbortSignal.timeout(ANSWER_MS) })
      .then((answer) => answer.text(), () => undefined);
    if (text === undefined) return undefined;
    const now = { pid, count: sumOf(text, figure.metric), atMs: performance.now() };
    const last = this.#last.get(plan.name);
    this.#last.set(plan.name, now);
    if (last?.pid !== pid) return undefined;
    const rate = 1_000 * (now.count - last.count) / (now.atMs - last.atMs);
    return `${rate.toFixed(rate < 10 ? 1 : 0)} ${figure.unit}`;
  }
}

/** Over all labels, from the text form of Prometheus. */
export function sumOf(text: string, metric: string): number {
  let sum = 0;
  for (const line of text.split('\n')) {
    if (!line.startsWith(metric) || !/^[{ ]/.test(line.slice(metric.length))) continue;
    sum += Number(line.slice(line.lastIndexOf(' ') + 1));
  }
  return sum;
}
