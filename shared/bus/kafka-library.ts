/**
 * kafkajs 2.2.4 with three faults of its own mended; nobody else imports it. It is no longer
 * maintained, so the mends are made to its modules before it is loaded, and none of them changes what
 * goes over the line.
 */
import { Buffer } from 'node:buffer';
import { createRequire } from 'node:module';
import { crc32c } from './crc32c.ts';

const load = createRequire(import.meta.url);
mendRequestQueue();
mendChecksum();
mendEncoder();

export const { AssignerProtocol, Kafka, logLevel } = load('kafkajs') as typeof import('kafkajs');

interface RequestQueue {
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
 * without end.
 */
function mendRequestQueue(): void {
  const { prototype } = load('kafkajs/src/network/requestQueue') as { prototype: RequestQueue };
  prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
    if (this.pending.length === 0 || this.throttleCheckTimeoutId) return;
    const wait = Math.max(this.throttledUntil - Date.now(), PENDING_CHECK_MS);
    this.throttleCheckTimeoutId = setTimeout(() => {
      this.throttleCheckTimeoutId = null;
      this.checkPendingRequests();
    }, wait);
  };
}

/** It sums a batch up byte by byte: a tenth of what an auction stage does. */
function mendChecksum(): void {
  replace('kafkajs/src/protocol/recordBatch/crc32C', crc32c);
}

interface Encoder {
  buf: Buffer;
  offset: number;
}
interface EncoderClass {
  prototype: Encoder & { ensureAvailable(length: number): void };
  nextPowerOfTwo(value: number): number;
}

/** Bytes of an encoder that is told nothing; kafkajs's own figure. */
const ENCODER_BYTES = 511;

/**
 * Each record goes through seven encoders, and each began with new memory that was cleared, and cleared
 * twice as much whenever it was full. What an encoder gives away is only what was written.
 */
function mendEncoder(): void {
  const original = load('kafkajs/src/protocol/encoder') as EncoderClass;
  function MendedEncoder(this: Encoder, initialSize = ENCODER_BYTES): void {
    this.buf = Buffer.allocUnsafe(original.nextPowerOfTwo(initialSize));
    this.offset = 0;
  }
  MendedEncoder.prototype = original.prototype;
  Object.setPrototypeOf(MendedEncoder, original);
  original.prototype.ensureAvailable = function (this: Encoder, length: number): void {
    const needed = this.offset + length;
    if (needed <= this.buf.length) return;
    const larger = Buffer.allocUnsafe(original.nextPowerOfTwo(needed));
    this.buf.copy(larger, 0, 0, this.offset);
    this.buf = larger;
  };
  replace('kafkajs/src/protocol/encoder', MendedEncoder);
}

/** Whoever loads the module from now on gets this in its place. */
function replace(name: string, exports: unknown): void {
  load(name);
  load.cache[load.resolve(name)]!.exports = exports;
}
