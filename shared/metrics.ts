/** Prometheus metrics. The only file that knows prom-client. */
import { Counter, Gauge, type Metric, Registry } from 'prom-client';

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
  // Stages of one process share a name such as `helios_stage_seconds`: made once, bound by each.
  const counters = new Map<string, (values: Record<string, string>) => Count>();
  const latencies = new Map<string, (values: Record<string, string>) => Observe>();
  return {
    counter(name, help, labelNames) {
      const made = counters.get(name) ?? makeCounter(registers, name, help, labelNames);
      counters.set(name, made);
      return made;
    },
    latency(name, help) {
      const made = latencies.get(name) ?? makeLatency(registry, name, help);
      latencies.set(name, made);
      return made;
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

/** prom-client hashes the labels at every call (about 1 µs); so calls gather and are told when scraped. */
function makeCounter(
  registers: Registry[],
  name: string,
  help: string,
  labelNames: readonly string[],
): (values: Record<string, string>) => Count {
  const bound = new Map<string, { values: Record<string, string>; untold: number; count: Count }>();
  new Counter({
    name,
    help,
    labelNames: [...labelNames],
    registers,
    collect() {
      for (const one of bound.values()) {
        this.inc(one.values, one.untold);
        one.untold = 0;
      }
    },
  });
  return (values) => {
    // Whoever binds at each call, as of failures, does not make us grow.
    const key = JSON.stringify(values);
    const known = bound.get(key);
    if (known) return known.count;
    const one = { values, untold: 0, count: { inc: (by = 1) => void (one.untold += by) } };
    bound.set(key, one);
    return one.count;
  };
}

/**
 * As with counters. prom-client's histogram takes single values only, so this one gathers its
 * buckets itself and gives them to the registry in the shape it prints.
 */
function makeLatency(
  registry: Registry,
  name: string,
  help: string,
): (values: Record<string, string>) => Observe {
  const bound: { labels: Record<string, string>; counts: Float64Array; sum: number }[] = [];
  const get = async () => ({
    name,
    help,
    type: 'histogram',
    aggregator: 'sum',
    values: bound.flatMap(({ labels, counts, sum }) => {
      let total = 0;
      const buckets = [...counts].map((count, at) => ({
        metricName: `${name}_bucket`,
        labels: { ...labels, le: LATENCY_BUCKETS[at] ?? '+Inf' },
        value: total += count,
      }));
      return [
        ...buckets,
        { metricName: `${name}_sum`, labels, value: sum },
        { metricName: `${name}_count`, labels, value: total },
      ];
    }),
  });
  registry.registerMetric({ name, get } as unknown as Metric);
  return (labels) => {
    const one = { labels, counts: new Float64Array(LATENCY_BUCKETS.length + 1), sum: 0 };
    bound.push(one);
    return {
      observe(seconds) {
        let at = 0;
        while (at < LATENCY_BUCKETS.length && seconds > LATENCY_BUCKETS[at]!) at++;
        one.counts[at]!++;
        one.sum += seconds;
      },
    };
  };
}
