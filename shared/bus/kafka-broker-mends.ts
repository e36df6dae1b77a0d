/** What kafkajs does with brokers that are gone, held still, or back; see kafka-library.ts. */
import type { Buffer } from 'node:buffer';
import { createRequire } from 'node:module';
import type { Socket } from 'node:net';

const load = createRequire(import.meta.url);
/** Before each answer. */
const LENGTH_BYTES = 4;

export function mendBrokers(): void {
  mendAsking();
  mendSilence();
  mendReconnecting();
  mendRefreshing();
}

interface BrokerPool {
  brokers: Record<string, object>;
  findBroker(of: { nodeId: string }): Promise<object>;
  withBroker<T>(ask: (of: { nodeId: string; broker: object }) => Promise<T>): Promise<T>;
  refreshMetadata(topics: readonly string[]): Promise<void>;
}

/**
 * What any broker can answer it asks of one after the other, in any order, and gives up at the first that
 * it cannot connect to. Of three brokers that is each third question, from the moment one is gone until
 * Kafka has noticed. Such a broker is passed over, as one that answers with an error is. Where all fail,
 * the last one's error is told: kafkajs trips over what it has in its place.
 */
function mendAsking(): void {
  const { prototype } = load('kafkajs/src/cluster/brokerPool') as { prototype: BrokerPool };
  const shuffle = load('kafkajs/src/utils/shuffle') as <T>(some: T[]) => T[];
  prototype.withBroker = async function (this: BrokerPool, ask) {
    let last: unknown = new Error('No broker is known');
    for (const nodeId of shuffle(Object.keys(this.brokers))) {
      try {
        return await ask({ nodeId, broker: await this.findBroker({ nodeId }) });
      } catch (error) {
        last = error;
      }
    }
    throw last;
  };
}

interface Connection {
  host: string;
  port: number;
  socket: Socket;
  chunks: Buffer[];
  bytesBuffered: number;
  bytesNeeded: number;
  isConnected(): boolean;
  connect(): Promise<unknown>;
  disconnect(): Promise<unknown>;
  send(order: { request: { apiName: string } }): Promise<unknown>;
  rejectRequests(error: Error): void;
}

/**
 * A broker that does not answer, such as one that is held still, is asked again and again, though others
 * lead its partitions and look after its groups by then: nothing is written for minutes. A connection on
 * which a request was not answered in time is lost, as if the broker had closed it.
 */
function mendSilence(): void {
  const { KafkaJSConnectionError, KafkaJSConnectionClosedError } = load('kafkajs/src/errors') as {
    [name: string]: new (text: string, where: object) => Error;
  };
  const { prototype } = load('kafkajs/src/network/connection') as { prototype: Connection };
  const { send } = prototype;
  prototype.send = async function (this: Connection, order) {
    try {
      return await send.call(this, order);
    } catch (error) {
      const { name, message } = error as Error;
      if (name !== 'KafkaJSRequestTimeoutError') throw error;
      const { host, port } = this;
      // Where it has just connected, only a failure to connect makes it try another broker.
      const Lost = order.request.apiName === 'ApiVersions'
        ? KafkaJSConnectionError!
        : KafkaJSConnectionClosedError!;
      const lost = new Lost(message, { host, port, broker: `${host}:${port}` });
      // Otherwise it insists on this broker: so it asks who looks after the group now.
      if (order.request.apiName === 'Heartbeat') {
        Object.assign(lost, { type: 'NOT_COORDINATOR_FOR_GROUP' });
      }
      this.rejectRequests(lost);
      // What comes late would pass for answers to what is asked on the next connection.
      this.socket.destroy();
      await this.disconnect();
      throw lost;
    }
  };
}

/** Of an answer that a lost connection brought half, it takes what the next one brings for the rest. */
function mendReconnecting(): void {
  const { prototype } = load('kafkajs/src/network/connection') as { prototype: Connection };
  const { connect } = prototype;
  prototype.connect = function (this: Connection) {
    if (!this.isConnected()) {
      Object.assign(this, { chunks: [], bytesBuffered: 0, bytesNeeded: LENGTH_BYTES });
    }
    return connect.call(this);
  };
}

/**
 * Of two questions about topics that are under way at two brokers, the answer that comes last counts, also
 * where it is to the earlier one, which named fewer topics: the others are as if they had no partitions. So
 * one waits for the other.
 */
function mendRefreshing(): void {
  const { prototype } = load('kafkajs/src/cluster/brokerPool') as { prototype: BrokerPool };
  const { refreshMetadata } = prototype;
  const latest = new WeakMap<object, Promise<void>>();
  prototype.refreshMetadata = function (this: BrokerPool, topics) {
    const refresh = (): Promise<void> => refreshMetadata.call(this, topics);
    const turn = (latest.get(this) ?? Promise.resolve()).then(refresh, refresh);
    latest.set(this, turn);
    return turn;
  };
}
