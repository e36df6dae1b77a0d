/** Makes spans and hands them on when they end. Knows no library: what becomes of them is the sink's. */
import { randomFillSync } from 'node:crypto';
import { Buffer } from 'node:buffer';
import type { TopicName } from '../model/events.ts';
import { inOnePiece } from '../model/flat-text.ts';
import { fineNow } from '../service.ts';
import {
  type Attributes,
  isSampled,
  isTraceparent,
  type ReceivedMessage,
  type Span,
  type SpanFacts,
  spanIdOf,
  type SpanKind,
  traceIdOf,
  type Tracer,
} from '../trace.ts';
import type { Sampler } from './sampler.ts';

/** A span that has ended. */
export interface FinishedSpan<R> {
  readonly name: string;
  readonly kind: SpanKind;
  readonly traceId: string;
  readonly spanId: string;
  /** Of a trace that begins here there is none. */
  readonly parentId: string | undefined;
  /** Epoch ms with fractions. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly attributes: Attributes;
  /** traceparents. */
  readonly links: readonly string[];
  /** More links than are kept. */
  readonly droppedLinks: number;
  /** Absent: nothing went wrong. */
  readonly failure: { error: string; message: string } | undefined;
  /** Whose it is. */
  readonly resource: R;
}

export interface TracerSetup<R> {
  resource: R;
  sampler: Sampler;
  /** What a topic is called, and on which system it is, for people who look for it there. */
  topic(topic: TopicName): { system: string; name: string };
  /** Takes a span that has ended; MUST NOT throw. */
  sink(span: FinishedSpan<R>): void;
  now?(): number;
}

export function createTracer<R>(setup: TracerSetup<R>): Tracer {
  const now = setup.now ?? fineNow;
  const on: Shared<R> = { ...setup, now };
  const begin: Tracer['begin'] = (name, parent, facts) =>
    new OpenSpan(on, name, traceIdOf(parent), spanIdOf(parent), facts);
  return {
    now,
    begin,
    enter(header, name, facts) {
      const parent = isTraceparent(header) ? header : undefined;
      const traceId = parent ? traceIdOf(parent) : newId(TRACE_ID_BYTES);
      const kept = setup.sampler(traceId, parent === undefined ? undefined : isSampled(parent));
      if (!kept) {
        // What the caller kept and we do not is not kept by anybody behind us either.
        const spanId = parent ? spanIdOf(parent) : newId(SPAN_ID_BYTES);
        return { traceparent: inOnePiece(`00-${traceId}-${spanId}-00`), span: undefined };
      }
      const span = new OpenSpan(on, name, traceId, parent && spanIdOf(parent), facts);
      return { traceparent: span.traceparent, span };
    },
    receive: (name, parent, message, facts = {}) =>
      begin(name, parent, {
        ...facts,
        kind: 'consumer',
        attributes: { ...receivedAttributes(on, message), ...facts.attributes },
      }),
    batch(name, links, facts) {
      const span = new OpenSpan(on, name, newId(TRACE_ID_BYTES), undefined, facts);
      for (const link of links) span.link(link);
      return span;
    },
  };
}

/** OpenTelemetry's own limit: a batch of thousands names the first. */
const LINKS_MAX = 128;

type Shared<R> = TracerSetup<R> & { now(): number };

class OpenSpan<R> implements Span, FinishedSpan<R> {
  readonly name: string;
  readonly kind: SpanKind;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string | undefined;
  readonly startedAt: number;
  endedAt = 0;
  attributes: Attributes;
  readonly links: string[] = [];
  droppedLinks = 0;
  failure: FinishedSpan<R>['failure'];
  readonly #on: Shared<R>;

  constructor(
    on: Shared<R>,
    name: string,
    traceId: string,
    parentId: string | undefined,
    { kind = 'internal', start = on.now(), attributes = {} }: SpanFacts = {},
  ) {
    this.#on = on;
    this.name = name;
    this.kind = kind;
    this.traceId = traceId;
    this.spanId = newId(SPAN_ID_BYTES);
    this.parentId = parentId;
    this.startedAt = start;
    this.attributes = attributes;
  }

  get traceparent(): string {
    return inOnePiece(`00-${this.traceId}-${this.spanId}-01`);
  }

  get resource(): R {
    return this.#on.resource;
  }

  child(name: string, facts?: SpanFacts): Span {
    return new OpenSpan(this.#on, name, this.traceId, this.spanId, facts);
  }

  send(topic: TopicName, { auctionId, partition }: { auctionId: string; partition: number }): Span {
    const { system, name } = this.#on.topic(topic);
    return this.child(`send ${topic}`, {
      kind: 'producer',
      attributes: messagingAttributes('send', system, name, auctionId, partition),
    });
  }

  set(attributes: Attributes): void {
    this.attributes = { ...this.attributes, ...attributes };
  }

  link(traceparent: string): void {
    if (this.links.length < LINKS_MAX) this.links.push(traceparent);
    else this.droppedLinks++;
  }

  fail(error: string, message = ''): void {
    this.failure = { error, message };
  }

  end(at: number = this.#on.now()): void {
    if (this.endedAt > 0) return;
    // Another thread's clock, or one that was set, may say that it ended before it began.
    this.endedAt = Math.max(at, this.startedAt);
    this.#on.sink(this);
  }

  until(done: Promise<unknown>): void {
    const failed = ({ name, message }: Error): void => {
      this.fail(name, message);
      this.end();
    };
    done.then(() => this.end(), failed);
  }
}

/** https://opentelemetry.io/docs/specs/semconv/messaging/kafka/ */
function messagingAttributes(
  operation: 'send' | 'process',
  system: string,
  name: string,
  auctionId: string,
  partition: number,
): Attributes {
  return {
    'messaging.system.name': system,
    'messaging.operation.name': operation,
    'messaging.operation.type': operation,
    'messaging.destination.name': name,
    'messaging.destination.partition.id': String(partition),
    'helios.auction.id': auctionId,
  };
}

function receivedAttributes<R>(
  on: Shared<R>,
  { topic, auctionId, partition, offset, group }: ReceivedMessage,
): Attributes {
  const { system, name } = on.topic(topic);
  return {
    ...messagingAttributes('process', system, name, auctionId, partition),
    'messaging.consumer.group.name': group,
    'kafka.offset': system === 'kafka' ? offset : undefined,
  };
}

const TRACE_ID_BYTES = 16;
const SPAN_ID_BYTES = 8;
/** Random bytes are fetched for some hundred ids at once: one call for each would cost more than the id. */
const POOL_BYTES = 8_192;
const pool = Buffer.alloc(POOL_BYTES);
let used = POOL_BYTES;

/** Hex digits. */
function newId(bytes: number): string {
  if (used + bytes > POOL_BYTES) {
    randomFillSync(pool);
    used = 0;
  }
  used += bytes;
  return pool.toString('hex', used - bytes, used);
}
