/**
 * W3C Trace Context (https://www.w3.org/TR/trace-context/), and what stages tell of a trace. Stages
 * have a {@link Tracer} only where traces are exported: without one, all that an auction costs is to
 * look whether there is one.
 */
import type { TopicName } from './model/events.ts';
import { inOnePiece } from './model/flat-text.ts';

const PATTERN = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;
const NO_TRACE = '0'.repeat(32);
const NO_PARENT = '0'.repeat(16);

/** The caller's traceparent when it is valid, otherwise a new one. */
export function acceptTraceparent(header: string | null, random: () => string): string {
  if (isTraceparent(header)) return header;
  const hex = random();
  return inOnePiece(`00-${hex.slice(0, 32)}-${hex.slice(32, 48)}-00`);
}

export function isTraceparent(text: string | null | undefined): text is string {
  const match = text == null ? null : PATTERN.exec(text);
  return match !== null && match[1] !== NO_TRACE && match[2] !== NO_PARENT;
}

export function traceIdOf(traceparent: string): string {
  return inOnePiece(traceparent.slice(3, 35));
}

/** What a line of the log says of its auction. */
export function auctionFields(
  { auctionId, traceparent }: { auctionId: string; traceparent: string },
): { auction_id: string; trace_id: string } {
  return { auction_id: auctionId, trace_id: traceIdOf(traceparent) };
}

export function spanIdOf(traceparent: string): string {
  return traceparent.slice(36, 52);
}

const NINE = 57;

/** Whether spans of the trace are kept: the lowest bit of the flags. */
export function isSampled(traceparent: string): boolean {
  if (traceparent.length !== 55) return false;
  const digit = traceparent.charCodeAt(54);
  return (digit & 1) === (digit <= NINE ? 1 : 0);
}

export interface Tracer {
  /** Epoch ms with fractions: the clock of all spans of this process. */
  now(): number;
  /**
   * Where a request comes in: goes on with the caller's trace, or begins one. Whether it is kept is
   * decided here and nowhere after; `span` is there when it is.
   */
  enter(
    header: string | null,
    name: string,
    facts: SpanFacts,
  ): { traceparent: string; span: Span | undefined };
  /** A span below one of another process or stage. `parent` MUST be sampled. */
  begin(name: string, parent: string, facts?: SpanFacts): Span;
  /** The work on a message: below who sent it, which MUST be sampled. */
  receive(name: string, parent: string, message: ReceivedMessage, facts?: SpanFacts): Span;
  /** What is done for many auctions at once, as a trace of its own that names theirs. */
  batch(name: string, links: readonly string[], facts?: SpanFacts): Span;
}

export interface Span {
  /** What children and messages name as their parent. */
  readonly traceparent: string;
  child(name: string, facts?: SpanFacts): Span;
  /** A message on its way: begins at its publication and ends when the bus has it. */
  send(topic: TopicName, message: { auctionId: string; partition: number }): Span;
  set(attributes: Attributes): void;
  /** Something else that this is about, and that is not above it. */
  link(traceparent: string): void;
  /** @param error the kind of failure, short and of few values. */
  fail(error: string, message?: string): void;
  /** Now, unless told; what is never ended is never exported. */
  end(at?: number): void;
  /** Ends when this is settled, and has failed when that rejects. */
  until(done: Promise<unknown>): void;
}

export interface SpanFacts {
  kind?: SpanKind;
  /** Epoch ms, as of {@link Tracer.now}; now without it. */
  start?: number;
  attributes?: Attributes;
}

export type SpanKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer';
export type Attributes = Record<string, string | number | boolean | undefined>;

export interface ReceivedMessage {
  topic: TopicName;
  auctionId: string;
  partition: number;
  offset?: number;
  /** Consumer group. */
  group?: string;
}
