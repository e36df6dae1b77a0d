import { expect, test } from 'vitest';
import { createTestTracer } from '#shared/tracing/test-tracer.ts';
import { spanIdOf } from '#shared/trace.ts';
import { traceBatch } from './batch-trace.ts';
import { message, request } from './test-samples.ts';

const kept = (n: number): string => `00-${String(n).repeat(32)}-${'2'.repeat(16)}-01`;
const asking = request({ user: { id: 'user-001' } });
const record = (auctionId: string, traceparent: string) => ({
  partition: 1,
  value: message(auctionId, { traceparent, request: asking }),
});

test('traceBatch() is nothing where no trace is kept, or the group is not asked', () => {
  const { tracer } = createTestTracer();
  const others = {
    partition: 0,
    value: message('a', { traceparent: kept(1), groups: ['others'] }),
  };
  expect(traceBatch(tracer, 'house', [record('a', kept(1).replace(/1$/, '0')), others]))
    .toBeUndefined();
});

test('traceBatch() has one look-up for all, below the first that waits for it', () => {
  const { tracer, spans } = createTestTracer();
  const batch = [record('a', kept(1)), record('b', kept(3)), record('c', '')];
  const trace = traceBatch(tracer, 'house', batch)!;
  const first = trace.lookup(batch, 1)!;
  trace.lookedUp(batch, new Map());
  expect(spans.map(({ name, traceId }) => [name, traceId[0]])).toEqual([
    ['profile lookup', '1'],
    ['profile lookup', '3'],
  ]);
  expect(spans[0]!.spanId).toBe(spanIdOf(first.traceparent));
  expect(spans[0]!.links).toEqual([]);
  expect(spans[1]!.links).toEqual([first.traceparent]);
});

test.each([
  ['timeout', undefined],
  ['unavailable', new Map([['user-001', { profile: undefined, reason: 'unavailable' as const }]])],
])('a look-up that ends with %s has failed', (reason, uses) => {
  const { tracer, spans } = createTestTracer();
  const batch = [record('a', kept(1))];
  const trace = traceBatch(tracer, 'house', batch)!;
  trace.lookup(batch, 1);
  trace.lookedUp(batch, uses);
  expect(spans[0]!.failure?.error).toBe(reason);
});

test('what is dropped has failed, and sends nothing', () => {
  const { tracer, spans } = createTestTracer();
  const trace = traceBatch(tracer, 'house', [record('a', kept(1))])!;
  trace.dropped('a', 'late');
  trace.dropped('unknown', 'late');
  expect(spans).toMatchObject([{ name: 'process bid_requests', failure: { error: 'late' } }]);
  expect(trace.takeSends()).toEqual([]);
});
