/** A tracer whose spans stay here, for tests of stages. */
import type { Tracer } from '../trace.ts';
import { createTracer, type FinishedSpan } from './tracer.ts';

export function createTestTracer(): { tracer: Tracer; spans: FinishedSpan<undefined>[] } {
  const spans: FinishedSpan<undefined>[] = [];
  const tracer = createTracer({
    resource: undefined,
    sampler: (_, parent) => parent ?? false,
    topic: (name) => ({ system: 'test', name }),
    sink: (span) => void spans.push(span),
  });
  return { tracer, spans };
}
