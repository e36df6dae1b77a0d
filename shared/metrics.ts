/** Prometheus metrics. The only file that knows prom-client. */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Seconds; fine where an exchange lives (1 to 100 ms), coarse above. */
const LATENCY_BUCKETS = [
  0.0005,
  0.001,
  0.002,
  0.005,
  0.01,
  0.02,
  0.035,
  0.05,
  0.075,
  0.1,
  0.15,
  0.25,
  0.5,
  1,
];

/** A counter or gauge with its labels bound; binding once keeps label look-ups off the hot path. */
export interface Count {
  inc(by?: number): void;
}
export interface Observe {
  observe(seconds: number): void;
}

export interface Metrics {
  /** A counter; name ends in `_total`. Call the result once per label value and keep what it gives. */
  counter<L extends string>(
    name: string,
    help: string,
    labels: readonly L[],
  ): (values: Record<L, string>) => Count;
  /** A latency histogram; name ends in `_seconds`. */
  latency<L extends string>(
    name: string,
    help: string,
    labels: readonly L[],
  ): (values: Record<L, string>) => Observe;
  /** A gauge read when scraped; each row gives its label values and its number. */
  gauge<L extends string>(
    name: string,
    help: string,
    labels: readonly L[],
    read: () => { labels: Record<L, string>; value: number }[],
  ): void;
  /** The text of `/metrics` and its content type. */
  render(): Promise<{ text: string; contentType: string }>;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  return {
    counter(name, help, labelNames) {
      const counter = new Counter({ name, help, labelNames: [...labelNames], registers });
      return (values) => counter.labels(values);
    },
    latency(name, help, labelNames) {
      const histogram = new Histogram({
        name,
        help,
        labelNames: [...labelNames],
        buckets: LATENCY_BUCKETS,
        registers,
      });
      return (values) => histogram.labels(values);
    },
    gauge(name, help, labelNames, read) {
      new Gauge({
        name,
        help,
        labelNames: [...labelNames],
        registers,
        collect() {
          this.reset();
          for (const { labels, value } of read()) this.set(labels, value);
        },
      });
    },
    render: async () => ({ text: await registry.metrics(), contentType: registry.contentType }),
  };
}
