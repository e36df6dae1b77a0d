/**
 * Spans to a collector by OTLP over HTTP, as JSON. The only file that knows OpenTelemetry's library;
 * loaded only where traces are exported, as it takes 0.1 s and some MB.
 */
import { SpanKind, SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import { type Attributes, spanIdOf, traceIdOf } from '../trace.ts';
import type { SendSpans } from './span-queue.ts';
import type { FinishedSpan } from './tracer.ts';

export interface OtlpOptions {
  /** `http(s)://host:port`, and a path below which `/v1/traces` is. */
  endpoint: string;
  headers: Record<string, string>;
}

/** ms for one batch, tries of the library's own included. */
const TIMEOUT_MS = 10_000;

export function createOtlpSender({ endpoint, headers }: OtlpOptions): {
  send: SendSpans<FinishedSpan<Resource>>;
  close(): Promise<void>;
} {
  const exporter = new OTLPTraceExporter({
    url: `${endpoint.replace(/\/+$/, '')}/v1/traces`,
    headers,
    timeoutMillis: TIMEOUT_MS,
  });
  return {
    send: (batch) =>
      new Promise((resolve, reject) => {
        // `code` 0 is success; the constant is in a package of its own.
        exporter.export(batch.map(readable), ({ code, error }) => {
          if (code === 0) resolve();
          else reject(exportError(endpoint, error));
        });
      }),
    close: () => exporter.shutdown(),
  };
}

/** What all spans of a process's stage have in common. */
export function makeResource(attributes: Record<string, string>): Resource {
  return resourceFromAttributes(attributes);
}

type ReadableSpan = Parameters<OTLPTraceExporter['export']>[0][number];

const SCOPE = { name: 'helios' };
const KINDS = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
} as const;

function readable(span: FinishedSpan<Resource>): ReadableSpan {
  const { traceId, spanId, parentId, startedAt, endedAt, failure } = span;
  const context = { traceId, spanId, traceFlags: TraceFlags.SAMPLED };
  return {
    name: span.name,
    kind: KINDS[span.kind],
    spanContext: () => context,
    ...(parentId !== undefined && {
      parentSpanContext: { traceId, spanId: parentId, traceFlags: TraceFlags.SAMPLED },
    }),
    startTime: hrTime(startedAt),
    endTime: hrTime(endedAt),
    duration: hrTime(endedAt - startedAt),
    ended: true,
    status: failure
      ? { code: SpanStatusCode.ERROR, message: failure.message }
      : { code: SpanStatusCode.UNSET },
    attributes: known(
      failure ? { ...span.attributes, 'error.type': failure.error } : span.attributes,
    ),
    links: span.links.map((link) => ({
      context: {
        traceId: traceIdOf(link),
        spanId: spanIdOf(link),
        traceFlags: TraceFlags.SAMPLED,
      },
    })),
    events: [],
    resource: span.resource,
    instrumentationScope: SCOPE,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: span.droppedLinks,
  };
}

/** Without what is undefined. */
function known(attributes: Attributes): Record<string, string | number | boolean> {
  const entries = Object.entries(attributes).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Record<string, string | number | boolean>;
}

/** Seconds and nanoseconds. */
function hrTime(ms: number): [number, number] {
  const seconds = Math.floor(ms / 1_000);
  return [seconds, Math.floor((ms - seconds * 1_000) * 1e6)];
}

function exportError(endpoint: string, cause: unknown): Error {
  const status = (cause as { code?: unknown } | undefined)?.code;
  const reason = cause instanceof Error && cause.message !== ''
    ? cause.message
    : 'it does not answer';
  const text = typeof status === 'number' ? `${status} ${reason}` : reason;
  return new Error(`Cannot export spans to ${new URL(endpoint).origin}: ${text}`);
}
