/** kafkajs, set up for an exchange: quick time-outs, short waits, and its one known fault mended. */
import { createRequire } from 'node:module';
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { Kafka, logLevel } from 'kafkajs';

export interface KafkaClientOptions {
  /** `host:port` each. */
  brokers: readonly string[];
  /** Begins the member ids that Kafka's tools show. */
  clientId: string;
  /** Tries after the first one, of any request. */
  retries: number;
  /** Told what kafkajs has to say, warnings and worse. */
  onNote(text: string, about: Record<string, unknown>): void;
}

/** ms; a broker in the same network answers within a few. */
const CONNECT_MS_MAX = 2_000;
/** ms; longer than any long poll, shorter than a person's patience. */
const REQUEST_MS_MAX = 8_000;
/** ms between tries: soon at first, and often enough that a broker that is back is used within a second. */
export const RETRY = { initialRetryTime: 50, maxRetryTime: 1_000, multiplier: 2, factor: 0.2 };

export function createKafkaClient(options: KafkaClientOptions): Kafka {
  const { brokers, clientId, retries, onNote } = options;
  mendRequestQueue();
  return new Kafka({
    clientId,
    brokers: [...brokers],
    connectionTimeout: CONNECT_MS_MAX,
    requestTimeout: REQUEST_MS_MAX,
    retry: { ...RETRY, retries },
    socketFactory: ({ host, port, ssl, onConnect }) => {
      const socket = ssl
        ? connectTls({ host, port, servername: host, ...ssl }, onConnect)
        : connectTcp({ host, port }, onConnect);
      socket.setNoDelay(true);
      socket.setKeepAlive(true, 30_000);
      return socket;
    },
    logLevel: logLevel.WARN,
    logCreator: () => ({ log: { message, timestamp: _, logger: __, ...about } }) =>
      onNote(message, about),
  });
}

interface RequestQueue {
  pending: unknown[];
  throttledUntil: number;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  checkPendingRequests(): void;
}

/** ms after which a request that waits for its turn is looked at again. */
const PENDING_CHECK_MS = 10;

/**
 * kafkajs 2.2.4 plans a look at waiting requests after every response, also when none waits, and by
 * a time-out in the past: https://github.com/tulios/kafkajs/issues/1751. Idle, that is a timer
 * without end.
 */
function mendRequestQueue(): void {
  const load = createRequire(import.meta.url);
  const { prototype } = load('kafkajs/src/network/requestQueue') as {
    prototype: RequestQueue & { scheduleCheckPendingRequests(): void };
  };
  prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
    if (this.pending.length === 0 || this.throttleCheckTimeoutId) return;
    const wait = Math.max(this.throttledUntil - Date.now(), PENDING_CHECK_MS);
    this.throttleCheckTimeoutId = setTimeout(() => {
      this.throttleCheckTimeoutId = null;
      this.checkPendingRequests();
    }, wait);
  };
}
