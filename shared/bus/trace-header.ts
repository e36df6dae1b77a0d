/**
 * The trace of a message as a Kafka header, for programs that are not of the exchange: any that knows
 * W3C Trace Context goes on with it, and may put its own span there when it writes. Inside the
 * exchange the envelope has it; the header is made of it and read into it, and nobody else looks.
 */
import { isTraceparent, traceIdOf } from '../trace.ts';

const NAME = 'traceparent';

/** Undefined for messages that belong to no auction. */
export function traceHeader(value: object): { traceparent: string } | undefined {
  const { traceparent } = value as { traceparent?: unknown };
  return typeof traceparent === 'string' && traceparent !== '' ? { traceparent } : undefined;
}

/**
 * Takes over what the header says: it is of whoever wrote last. A header of another trace is passed
 * over, as an auction has one.
 */
export function adoptTraceHeader(
  value: object,
  headers: Record<string, unknown> | undefined,
): void {
  const header = headers?.[NAME];
  if (header === undefined) return;
  const text = String(header);
  const envelope = value as { traceparent?: string };
  if (text === envelope.traceparent || !isTraceparent(text)) return;
  const known = envelope.traceparent;
  if (isTraceparent(known) && traceIdOf(known) !== traceIdOf(text)) return;
  envelope.traceparent = text;
}
