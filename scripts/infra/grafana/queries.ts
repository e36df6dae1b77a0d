/** What most panels ask. */

/** Per second, over all processes, for each value of the label. */
export function rate(metric: string, by?: string): string {
  const grouped = by === undefined ? 'sum' : `sum by (${by}) `;
  return `${grouped}(rate(${metric}[$__rate_interval]))`;
}

/** A quantile of a latency histogram, over all processes. */
export function quantile(share: number, metric: string, by?: string): string {
  const labels = by === undefined ? 'le' : `le, ${by}`;
  const [name, filter = ''] = metric.split(/(?=\{)/);
  const buckets = `sum by (${labels}) (rate(${name}_bucket${filter}[$__rate_interval]))`;
  return `histogram_quantile(${share}, ${buckets})`;
}

/** Auctions that ended, per second. */
export const ENDED = rate('helios_requests_total{result=~"filled|no_bid|deadline"}');

/** The share of them that ended so. */
export function shareEnded(result: 'filled' | 'deadline'): string {
  return `${rate(`helios_requests_total{result="${result}"}`)} / ${ENDED}`;
}
