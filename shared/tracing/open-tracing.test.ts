/** Spans as a collector gets them, over a real connection. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type OtlpReceiver, startOtlpReceiver } from '../../tests/otlp-receiver.ts';
import { parseConfig } from '../config.ts';
import { createLog } from '../log.ts';
import { createMetrics, type Metrics } from '../metrics.ts';
import { isSampled, spanIdOf, traceIdOf } from '../trace.ts';
import { openTracing, type Tracing } from './open-tracing.ts';
import { BATCH_MAX } from './span-queue.ts';

const CALLER = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

let receiver: OtlpReceiver;
let metrics: Metrics;
let logged: string[];
beforeEach(async () => {
  receiver = await startOtlpReceiver();
  metrics = createMetrics();
  logged = [];
});
afterEach(() => receiver.close());

function open(settings: Record<string, string> = {}): Promise<Tracing | undefined> {
  const config = parseConfig({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint, ...settings });
  const log = createLog('warn', (line) => logged.push(line));
  return openTracing({ config, log, metrics, version: '1.2.3' });
}

async function counted(result: string): Promise<number> {
  const { text } = await metrics.render();
  return Number(new RegExp(`^helios_spans_total{result="${result}"} (\\d+)`, 'm').exec(text)![1]);
}

test('openTracing() is nothing without an endpoint', async () => {
  expect(await open({ OTEL_EXPORTER_OTLP_ENDPOINT: '' })).toBeUndefined();
});

test('spans reach the collector with their family, times, attributes and resource', async () => {
  const tracing = (await open({
    OTEL_EXPORTER_OTLP_HEADERS: 'x-key=a%20secret',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
  }))!;
  const gateway = tracing.of('gateway');
  const { traceparent, span } = gateway.enter(CALLER, 'POST /bid', {
    kind: 'server',
    start: 1_000,
  });
  const child = span!.send('bid_requests', { auctionId: 'a-1', partition: 3 });
  const bidding = tracing.of('bidding').receive('process bid_requests', child.traceparent, {
    topic: 'bid_requests',
    auctionId: 'a-1',
    partition: 3,
    offset: 7,
    group: 'bidding-house',
  });
  bidding.link(CALLER);
  bidding.fail('late', 'the deadline had passed');
  bidding.end();
  child.end();
  span!.set({ 'http.response.status_code': 200, 'unset': undefined });
  span!.end(1_002.25);
  await tracing.close();

  const [third, second, first] = receiver.spans;
  expect(first).toMatchObject({
    name: 'POST /bid',
    service: 'helios-gateway',
    kind: 2,
    traceId: traceIdOf(CALLER),
    spanId: spanIdOf(traceparent),
    parentSpanId: spanIdOf(CALLER),
    startNs: 1_000_000_000n,
    endNs: 1_002_250_000n,
    attributes: { 'http.response.status_code': 200 },
    status: 0,
    resource: {
      'service.namespace': 'helios',
      'service.version': '1.2.3',
      'service.instance.id': expect.stringMatching(/^[0-9a-f-]{36}$/),
      'deployment.environment.name': 'test',
    },
  });
  expect(Object.keys(first!.attributes)).toEqual(['http.response.status_code']);
  expect(second).toMatchObject({
    name: 'send bid_requests',
    kind: 4,
    parentSpanId: first!.spanId,
    attributes: {
      'messaging.system.name': 'helios',
      'messaging.operation.type': 'send',
      'messaging.destination.name': 'bid_requests',
      'messaging.destination.partition.id': '3',
    },
  });
  expect(third).toMatchObject({
    service: 'helios-bidding',
    kind: 5,
    parentSpanId: second!.spanId,
    links: [{ traceId: traceIdOf(CALLER), spanId: spanIdOf(CALLER) }],
    status: 2,
    attributes: { 'error.type': 'late', 'messaging.consumer.group.name': 'bidding-house' },
  });
  expect(receiver.headers['x-key']).toBe('a secret');
  expect(await counted('exported')).toBe(3);
});

test("enter() keeps a caller's decision, and tells everybody behind", async () => {
  const tracing = (await open({ OTEL_TRACES_SAMPLER_ARG: '1' }))!;
  const tracer = tracing.of('gateway');
  const refused = CALLER.replace(/01$/, '00');
  expect(tracer.enter(refused, 'x', {})).toEqual({ traceparent: refused, span: undefined });
  expect(isSampled(tracer.enter(CALLER, 'x', {}).traceparent)).toBe(true);
  const begun = tracer.enter('00-nonsense', 'x', {});
  expect(isSampled(begun.traceparent)).toBe(true);
  expect(traceIdOf(begun.traceparent)).toMatch(/^[0-9a-f]{32}$/);
  await tracing.close();

  metrics = createMetrics();
  const never = (await open({ OTEL_TRACES_SAMPLER: 'always_off' }))!;
  expect(never.of('gateway').enter(CALLER, 'x', {}).traceparent).toBe(refused);
  await never.close();
});

test('a collector that refuses costs spans, which are counted, and a line in the log', async () => {
  receiver.status = 400;
  const tracing = (await open())!;
  for (let n = 0; n < 3; n++) tracing.of('auction').begin('x', CALLER).end();
  await tracing.close();
  expect(await counted('failed')).toBe(3);
  expect(logged).toEqual([expect.stringContaining('"spans_not_exported"')]);
  expect(logged[0]).toContain(`Cannot export spans to ${receiver.endpoint}: 400`);
});

test('what does not fit is dropped and counted, and nothing is waited for', async () => {
  const tracing = (await open())!;
  const tracer = tracing.of('auction');
  // All in one turn: no batch can leave meanwhile.
  for (let n = 0; n < 9_000; n++) tracer.begin('x', CALLER).end();
  await expect.poll(() => counted('exported')).toBe(8_192);
  expect(await counted('dropped')).toBe(9_000 - 8_192);
  expect(receiver.requests).toBe(8_192 / BATCH_MAX);
  await tracing.close();
});

test('a span that ends twice is exported once', async () => {
  const tracing = (await open())!;
  const span = tracing.of('auction').begin('x', CALLER);
  span.end();
  span.end();
  await tracing.close();
  expect(receiver.spans).toHaveLength(1);
});
