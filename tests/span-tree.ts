import type { ReceivedSpan } from './otlp-receiver.ts';

/** The names of the spans below a parent, each with those below it: `stage: name (bidding group)`. */
export function spanTree(spans: readonly ReceivedSpan[], parent: string): Record<string, unknown> {
  const below = spans.filter(({ parentSpanId }) => parentSpanId === parent);
  return Object.fromEntries(
    below.toSorted((a, b) => nameOf(a) < nameOf(b) ? -1 : 1)
      .map((span) => [nameOf(span), spanTree(spans, span.spanId)]),
  );
}

function nameOf({ service, name, attributes }: ReceivedSpan): string {
  const group = attributes['helios.bidding.group'];
  return `${service.replace('helios-', '')}: ${name}${group ? ` (${group})` : ''}`;
}
