/**
 * Finished spans on their way out: sent in batches, one after the other, and never waited for. What
 * does not fit while the collector is slow or away is dropped and counted.
 */
import type { Log } from '../log.ts';
import { seldom } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { within } from '../model/within.ts';

/** Spans that may wait: some 8 MB, and a second of 600 auctions that are all traced. */
const WAITING_MAX = 8_192;
/** Of one request: making its text keeps the event loop for about 2 ms. */
export const BATCH_MAX = 256;
/** ms that a span waits for others. */
const FLUSH_INTERVAL_MS = 1_000;
/** ms for what still waits when the process closes. */
const CLOSE_MS = 3_000;

/** Sends a batch; rejects when the collector did not take it. */
export type SendSpans<S> = (batch: S[]) => Promise<void>;

export interface SpanQueueSetup<S> {
  send: SendSpans<S>;
  metrics: Metrics;
  log: Log;
}

export class SpanQueue<S> {
  readonly #send: SendSpans<S>;
  readonly #counts: ReturnType<typeof countSpans>;
  readonly #logFailed: Log['warn'];
  #waiting: S[] = [];
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> | undefined;
  #planned = false;

  constructor({ send, metrics, log }: SpanQueueSetup<S>) {
    this.#send = send;
    this.#counts = countSpans(metrics, () => this.#waiting.length);
    this.#logFailed = seldom(log.warn, { now: Date.now });
  }

  add(span: S): void {
    if (this.#waiting.length >= WAITING_MAX) {
      this.#counts.dropped.inc();
      return;
    }
    this.#waiting.push(span);
    if (this.#waiting.length >= BATCH_MAX) this.#plan();
    else if (!this.#timer && !this.#sending) {
      this.#timer = setTimeout(() => this.#run(), FLUSH_INTERVAL_MS);
      // A collector that gets nothing more is no reason to live on.
      this.#timer.unref();
    }
  }

  /** Resolves when nothing waits, or when that has taken too long. */
  async close(): Promise<void> {
    this.#run();
    if (this.#sending) await within(this.#sending, CLOSE_MS);
    this.#counts.dropped.inc(this.#waiting.length);
    this.#waiting = [];
  }

  /** After this turn: a bid that is being made does not wait for the making of a batch. */
  #plan(): void {
    if (this.#planned || this.#sending) return;
    this.#planned = true;
    setImmediate(() => {
      this.#planned = false;
      this.#run();
    });
  }

  #run(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#sending ??= this.#sendAll().finally(() => this.#sending = undefined);
  }

  async #sendAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, BATCH_MAX);
      try {
        await this.#send(batch);
        this.#counts.exported.inc(batch.length);
      } catch (error) {
        this.#counts.failed.inc(batch.length);
        this.#logFailed('spans_not_exported', { error, spans: batch.length });
      }
    }
  }
}

function countSpans(metrics: Metrics, waiting: () => number) {
  const spans = metrics.counter('helios_spans_total', 'Spans of traces, by what became of them', [
    'result',
  ]);
  metrics.gauge('helios_spans_waiting', 'Spans waiting to be exported', [], () => [
    { labels: {}, value: waiting() },
  ]);
  return {
    exported: spans({ result: 'exported' }),
    dropped: spans({ result: 'dropped' }),
    failed: spans({ result: 'failed' }),
  };
}
