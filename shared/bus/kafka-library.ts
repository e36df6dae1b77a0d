/**
 * kafkajs 2.2.4 with eleven faults of its own mended, four of them by {@link mendBrokers}; nobody else imports
 * it. It is no longer maintained, so the mends are made to its modules before it is loaded, and none of them
 * changes what goes over the line.
 */
import type { Buffer } from 'node:buffer';
import { createRequire } from 'node:module';
import { TurnoverMap } from '../model/turnover-map.ts';
import { mendBrokers } from './kafka-broker-mends.ts';
import {
  PRODUCE_VERSIONS,
  type ProduceHeader,
  type ProduceOrder,
  reuse,
  writeProduce,
} from './kafka-produce.ts';

const load = createRequire(import.meta.url);
mendRequestQueue();
mendGrouping();
mendProduce();
mendCommits();
mendJoining();
mendReturning();
mendBrokers();

export const { AssignerProtocol, Kafka, logLevel } = load('kafkajs') as typeof import('kafkajs');

interface RequestQueue {
  inflight: TurnoverMap<number, unknown>;
  pending: unknown[];
  throttledUntil: number;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  checkPendingRequests(): void;
  scheduleCheckPendingRequests(): void;
}

/** ms after which a request that waits for its turn is looked at again. */
const PENDING_CHECK_MS = 10;

/**
 * It plans a look at waiting requests after every response, also when none waits, and by
 * a time-out in the past: https://github.com/tulios/kafkajs/issues/1751. Idle, that is a timer
 * without end. And what was asked and answered hangs on the tables of its Map, with all records
 * ({@link TurnoverMap}). Where it looks for requests that are late while one of them lets another go, it
 * may miss one, up to its next look 100 ms later.
 */
function mendRequestQueue(): void {
  const name = 'kafkajs/src/network/requestQueue';
  const Original = load(name) as new (options: object) => RequestQueue;
  const { prototype } = Original;
  prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
    if (this.pending.length === 0 || this.throttleCheckTimeoutId) return;
    const wait = Math.max(this.throttledUntil - Date.now(), PENDING_CHECK_MS);
    this.throttleCheckTimeoutId = setTimeout(() => {
      this.throttleCheckTimeoutId = null;
      this.checkPendingRequests();
    }, wait);
  };
  replace(
    name,
    class extends Original {
      override inflight = new TurnoverMap<number, unknown>();
    },
  );
}

/** It copies the messages of a partition with each one more. */
function mendGrouping(): void {
  interface Order<M> {
    topic: string;
    partitionMetadata: readonly unknown[];
    messages: readonly M[];
    partitioner(
      about: { topic: string; partitionMetadata: readonly unknown[]; message: M },
    ): number;
  }
  const group = <M>({ topic, partitionMetadata, messages, partitioner }: Order<M>) => {
    if (partitionMetadata.length === 0) return {};
    return Object.groupBy(
      messages,
      (message) => partitioner({ topic, partitionMetadata, message }),
    );
  };
  replace('kafkajs/src/producer/groupMessagesPerPartition', group);
}

interface Request {
  request: {
    encode(): Promise<unknown>;
    /** Ours: the request in one piece. */
    write?(header: Omit<ProduceHeader, 'version'>): Buffer;
  };
  response: { decode(payload: Buffer): Promise<unknown> };
}
type Requests = { protocol(of: { version: number }): (order: ProduceOrder) => Request };
type Framed = Omit<ProduceHeader, 'version'> & Pick<Request, 'request'>;

/** See kafka-produce.ts. */
function mendProduce(): void {
  const requests = load('kafkajs/src/protocol/requests/produce') as Requests;
  const { protocol } = requests;
  requests.protocol = ({ version }) => {
    const original = protocol({ version });
    if (version < PRODUCE_VERSIONS.least || version > PRODUCE_VERSIONS.most) return original;
    return (order) => {
      const { request, response } = original(order);
      let bytes: Buffer;
      const write = (header: Omit<ProduceHeader, 'version'>): Buffer =>
        bytes = writeProduce(order, { ...header, version }, Date.now());
      const decode = (payload: Buffer): Promise<unknown> => {
        reuse(bytes);
        return response.decode(payload);
      };
      return { request: { ...request, write }, response: { ...response, decode } };
    };
  };
  const name = 'kafkajs/src/protocol/request';
  const frame = load(name) as (order: Framed) => Promise<{ buffer: Buffer }>;
  replace(name, (order: Framed) => {
    const { request: { write }, correlationId, clientId } = order;
    return write ? { buffer: write({ correlationId, clientId }) } : frame(order);
  });
}

interface Runner {
  running: boolean;
  consumerGroup: { commitOffsets(offsets: object): Promise<void> };
  commitOffsets(offsets: object): Promise<void>;
}

/**
 * It tries again when positions were not stored, also when it has joined the group anew meanwhile: then
 * it stores, as a member of now, positions of partitions that are another's. And a consumer that has
 * crashed or ends says that they are stored. They are stored at once by the member that was asked, or
 * not at all: whoever asked asks again.
 */
function mendCommits(): void {
  const { prototype } = load('kafkajs/src/consumer/runner') as { prototype: Runner };
  prototype.commitOffsets = async function (this: Runner, offsets) {
    if (!this.running) throw new Error('Cannot store positions: the consumer does not run');
    await this.consumerGroup.commitOffsets(offsets);
  };
}

interface ConsumerGroup {
  groupId: string;
  memberId: string | null;
  instrumentationEmitter: { emit(event: string, payload: object): void };
  connect(): Promise<void>;
  joinAndSync(): Promise<void>;
  leave(): Promise<void>;
}

/**
 * When a fetch finds that a partition has another leader, it joins its group anew and says so only once
 * that has worked. Where it has not, `rebalancing` is told, as of any other way to join: whoever has a
 * share knows then that it may be no longer its own.
 */
function mendJoining(): void {
  const { events } = load('kafkajs/src/consumer/instrumentationEvents') as {
    events: { REBALANCING: string };
  };
  const { prototype } = load('kafkajs/src/consumer/consumerGroup') as { prototype: ConsumerGroup };
  const { joinAndSync } = prototype;
  prototype.joinAndSync = async function (this: ConsumerGroup) {
    try {
      await joinAndSync.call(this);
    } catch (error) {
      const { groupId, memberId, instrumentationEmitter } = this;
      instrumentationEmitter.emit(events.REBALANCING, { groupId, memberId });
      throw error;
    }
  };
}

/**
 * A consumer that has crashed, as it does when no broker is left, begins again as another member: Kafka
 * lets it in only when the one it was has been silent for a session. It comes back as who it was; where
 * Kafka no longer knows that one, kafkajs asks for another id by itself.
 */
function mendReturning(): void {
  const { prototype } = load('kafkajs/src/consumer/consumerGroup') as { prototype: ConsumerGroup };
  const { connect, joinAndSync, leave } = prototype;
  // What a consumer keeps when it begins again, and its latest id.
  const members = new WeakMap<object, string>();
  prototype.connect = async function (this: ConsumerGroup) {
    await connect.call(this);
    this.memberId ??= members.get(this.instrumentationEmitter) ?? null;
  };
  prototype.joinAndSync = async function (this: ConsumerGroup) {
    await joinAndSync.call(this);
    if (this.memberId !== null) members.set(this.instrumentationEmitter, this.memberId);
  };
  prototype.leave = async function (this: ConsumerGroup) {
    await leave.call(this);
    members.delete(this.instrumentationEmitter);
  };
}

/** Whoever loads the module from now on gets this in its place. */
function replace(name: string, exports: unknown): void {
  load(name);
  load.cache[load.resolve(name)]!.exports = exports;
}
