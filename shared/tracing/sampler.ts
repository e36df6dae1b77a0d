/** Which traces are kept, decided where they begin. Pure: the trace's own id is the dice. */

export const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;
export type SamplerName = (typeof SAMPLERS)[number];

/** @param parent what the caller decided; undefined where the trace begins here. */
export type Sampler = (traceId: string, parent: boolean | undefined) => boolean;

/** By the names OpenTelemetry has for them (`OTEL_TRACES_SAMPLER` and its `_ARG`). */
export function makeSampler(name: SamplerName, ratio: number): Sampler {
  const root = rootSampler(name, ratio);
  return name.startsWith('parentbased_')
    ? (traceId, parent) => parent ?? root(traceId)
    : (traceId) => root(traceId);
}

function rootSampler(name: SamplerName, ratio: number): (traceId: string) => boolean {
  if (name.endsWith('always_on')) return () => true;
  if (name.endsWith('always_off')) return () => false;
  // As OpenTelemetry compares: whoever samples at a higher ratio keeps the same traces, and more.
  return (traceId) => randomnessOf(traceId) >= 1 - ratio;
}

/** The last 7 bytes are random in every trace id (W3C Trace Context Level 2): 0 to below 1. */
function randomnessOf(traceId: string): number {
  // 13 of their 14 hex digits: as many as a number holds exactly.
  return Number.parseInt(traceId.slice(-14, -1), 16) / 2 ** 52;
}
