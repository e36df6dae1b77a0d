/** kafkajs, set up for an exchange: quick time-outs and short waits. */
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Kafka as KafkaClient } from 'kafkajs';
import { reasonOf } from '../reason.ts';
import { Kafka, logLevel } from './kafka-library.ts';

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

export function createKafkaClient(options: KafkaClientOptions): KafkaClient {
  const { brokers, clientId, retries, onNote } = options;
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
      // Heard before kafkajs, which makes its sentence of the message alone.
      socket.on('error', (error) => error.message = reasonOf(error));
      return socket;
    },
    logLevel: logLevel.WARN,
    logCreator: () => ({ log: { message, timestamp: _, logger: __, ...about } }) =>
      onNote(message, about),
  });
}
