/**
 * Loaded before a stage or a control: counts what kafkajs asks of Kafka and the bytes of its
 * connections, and writes that to the file `BENCH_KAFKA_COUNTS` twice a second. Broker-side counters
 * would need a Java client; this costs a stage some microseconds a request.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import process from 'node:process';
import { isMainThread } from 'node:worker_threads';

/** Since the process started. */
export interface RequestCounts {
  produce: number;
  fetch: number;
  /** Heartbeats, commits and the like. */
  other: number;
  bytesIn: number;
  bytesOut: number;
}

/** Often enough that a count is never older than the pause after a load. */
export const WRITTEN_EVERY_MS = 500;

interface Connection {
  socket: Socket | null;
  send(this: Connection, order: { request: { apiName: string } }): Promise<unknown>;
}

const file = process.env['BENCH_KAFKA_COUNTS'];
// Threads load this too, and none of them asks Kafka.
if (file && isMainThread) {
  // The exchange's client changes the same modules, and must be the first; a control may do without it.
  if (process.env['BENCH_KAFKA_CLIENT'] !== 'kafkajs') await import('#shared/bus/kafka-library.ts');
  count(file);
}

function count(to: string): void {
  const load = createRequire(import.meta.url);
  const module = load('kafkajs/src/network/connection') as { prototype: Connection };
  const { send } = module.prototype;
  const counts = { produce: 0, fetch: 0, other: 0 };
  const sockets = new Set<Socket>();
  module.prototype.send = function (this: Connection, order) {
    if (this.socket) sockets.add(this.socket);
    const { apiName } = order.request;
    counts[apiName === 'Produce' ? 'produce' : apiName === 'Fetch' ? 'fetch' : 'other']++;
    return send.call(this, order);
  };
  setInterval(() => {
    const all: RequestCounts = { ...counts, bytesIn: 0, bytesOut: 0 };
    for (const { bytesRead, bytesWritten } of sockets) {
      all.bytesIn += bytesRead;
      all.bytesOut += bytesWritten;
    }
    // Whole or not at all, whenever it is read.
    writeFileSync(`${to}.new`, JSON.stringify(all));
    renameSync(`${to}.new`, to);
  }, WRITTEN_EVERY_MS).unref();
}
