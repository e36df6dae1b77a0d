import { describe, expect, test } from 'vitest';
import { createMetrics } from './metrics.ts';

describe('createMetrics()', () => {
  test('prints counters, latencies and gauges in the Prometheus format', async () => {
    const metrics = createMetrics();
    metrics.counter('requests_total', 'Requests', ['result'])({ result: 'ok' }).inc(3);
    const seconds = metrics.latency('wait_seconds', 'Waits', ['stage'])({ stage: 'a' });
    seconds.observe(0.003);
    seconds.observe(0.003);
    seconds.observe(7);
    metrics.gauge('open', 'Open', [], () => [{ labels: {}, value: 5 }]);
    const { text, contentType } = await metrics.render();
    expect(contentType).toContain('text/plain');
    expect(text).toContain('# TYPE requests_total counter\nrequests_total{result="ok"} 3');
    expect(text).toContain('# TYPE wait_seconds histogram');
    expect(text).toContain('wait_seconds_bucket{stage="a",le="0.002"} 0');
    expect(text).toContain('wait_seconds_bucket{stage="a",le="0.005"} 2');
    expect(text).toContain('wait_seconds_bucket{stage="a",le="+Inf"} 3');
    expect(text).toContain('wait_seconds_count{stage="a"} 3');
    expect(text).toContain('wait_seconds_sum{stage="a"} 7.006');
    expect(text).toContain('open 5');
  });

  test('shares a name between stages and counts on across scrapes', async () => {
    const metrics = createMetrics();
    const first = metrics.counter('n_total', 'N', ['stage'])({ stage: 'a' });
    metrics.counter('n_total', 'N', ['stage'])({ stage: 'b' }).inc();
    metrics.latency('t_seconds', 'T', ['stage'])({ stage: 'a' });
    metrics.latency('t_seconds', 'T', ['stage'])({ stage: 'b' });
    first.inc();
    await metrics.render();
    first.inc();
    const { text } = await metrics.render();
    expect(text).toContain('n_total{stage="a"} 2');
    expect(text).toContain('n_total{stage="b"} 1');
    expect(text.match(/# TYPE t_seconds/g)).toHaveLength(1);
  });

  test('does not grow with a counter that is bound at each call', async () => {
    const metrics = createMetrics();
    const failures = metrics.counter('failures_total', 'Failures', ['code']);
    failures({ code: 'NOT_FOUND' }).inc();
    failures({ code: 'NOT_FOUND' }).inc(2);
    expect(failures({ code: 'NOT_FOUND' })).toBe(failures({ code: 'NOT_FOUND' }));
    const { text } = await metrics.render();
    expect(text).toContain('failures_total{code="NOT_FOUND"} 3');
  });
});
