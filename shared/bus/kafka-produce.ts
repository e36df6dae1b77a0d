/**
 * A produce request in one piece, in memory that is used again for the next one. kafkajs makes each
 * record of seven buffers and copies it eight times; V8 counts what such buffers hold as memory of its
 * own, and at full load collected all of it five times a second.
 */
import { Buffer } from 'node:buffer';
import { crc32c } from './crc32c.ts';

/** What kafkajs makes of what was given to its `send`. */
export interface ProduceOrder {
  acks: number;
  /** ms */
  timeout: number;
  topicData: readonly {
    topic: string;
    partitions: readonly { partition: number; messages: readonly ProduceMessage[] }[];
  }[];
}

export interface ProduceMessage {
  key?: Content;
  value: Content;
  headers?: Readonly<Record<string, string>>;
}
type Content = string | Buffer | null | undefined;

export interface ProduceHeader {
  version: number;
  correlationId: number;
  clientId: string;
}

/** Versions of the request that look like this, up to the last that kafkajs knows. */
export const PRODUCE_VERSIONS = { least: 3, most: 7 };
const PRODUCE = 0;

/**
 * Its length before it and its header included, https://kafka.apache.org/protocol#The_Messages_Produce.
 * Whoever has its answer gives the memory back by {@link reuse}.
 */
export function writeProduce(order: ProduceOrder, header: ProduceHeader, now: number): Buffer {
  const to = new Writer();
  to.int32(0);
  to.int16(PRODUCE);
  to.int16(header.version);
  to.int32(header.correlationId);
  to.string(header.clientId);
  to.int16(-1); // no transaction
  to.int16(order.acks);
  to.int32(order.timeout);
  to.int32(order.topicData.length);
  for (const { topic, partitions } of order.topicData) {
    to.string(topic);
    to.int32(partitions.length);
    for (const { partition, messages } of partitions) {
      to.int32(partition);
      const at = to.int32(0);
      writeBatch(to, messages, now);
      to.lengthAt(at);
    }
  }
  to.lengthAt(0);
  return to.written();
}

const MAGIC = 2;

/** https://kafka.apache.org/documentation/#recordbatch */
function writeBatch(to: Writer, messages: readonly ProduceMessage[], now: number): void {
  to.int64(0); // first offset
  const lengthAt = to.int32(0);
  to.int32(0); // the leader's epoch
  to.int8(MAGIC);
  const sumAt = to.int32(0);
  to.int16(0); // neither compressed nor in a transaction
  to.int32(messages.length - 1);
  to.int64(now);
  to.int64(now);
  to.int64(-1); // no producer's id, and so neither epoch nor sequence
  to.int16(0);
  to.int32(0);
  to.int32(messages.length);
  for (const [index, message] of messages.entries()) writeRecord(to, message, index);
  to.sumAt(sumAt);
  to.lengthAt(lengthAt);
}

/** https://kafka.apache.org/documentation/#record */
function writeRecord(to: Writer, { key, value, headers }: ProduceMessage, index: number): void {
  const named = headers ? Object.entries(headers) : NONE;
  const keySize = sizeOf(key);
  const valueSize = sizeOf(value);
  let size = 2 + varintSize(index) + sizedSize(keySize) + sizedSize(valueSize) +
    varintSize(named.length);
  for (const [name, text] of named) size += sizedSize(sizeOf(name)) + sizedSize(sizeOf(text));
  to.varint(size);
  to.int8(0);
  to.varint(0); // ms since the batch's time
  to.varint(index);
  to.sized(key, keySize);
  to.sized(value, valueSize);
  to.varint(named.length);
  for (const [name, text] of named) {
    to.sized(name, sizeOf(name));
    to.sized(text, sizeOf(text));
  }
}

const NONE: [string, string][] = [];

/** -1 where there is nothing. */
function sizeOf(content: Content): number {
  if (content == null) return -1;
  return typeof content === 'string' ? Buffer.byteLength(content) : content.length;
}

/** With its length before it. */
function sizedSize(size: number): number {
  return varintSize(size) + Math.max(0, size);
}

function varintSize(value: number): number {
  let bytes = 1;
  for (let rest = zigzag(value); rest > 0x7f; rest >>>= 7) bytes++;
  return bytes;
}

/** 0, -1, 1, -2 and so on. */
function zigzag(value: number): number {
  return (value << 1 ^ value >> 31) >>> 0;
}

/** Numbers are big-endian; those that are known later are written as 0 at first. */
class Writer {
  #to = spare.pop() ?? Buffer.allocUnsafeSlow(ROOM_BYTES_FIRST);
  #at = 0;

  /** Each number's method returns where it lies. */
  int8(value: number): number {
    this.#ensure(1);
    this.#to[this.#at] = value;
    return this.#at++;
  }

  int16(value: number): number {
    this.#ensure(2);
    this.#at = this.#to.writeInt16BE(value, this.#at);
    return this.#at - 2;
  }

  int32(value: number): number {
    this.#ensure(4);
    this.#at = this.#to.writeInt32BE(value, this.#at);
    return this.#at - 4;
  }

  /** Exact for whole numbers below 2 ** 53. */
  int64(value: number): void {
    this.int32(Math.floor(value / 2 ** 32));
    this.int32(value | 0);
  }

  /** Seven bits a byte, the last ones first. */
  varint(value: number): void {
    this.#ensure(5);
    let rest = zigzag(value);
    for (; rest > 0x7f; rest >>>= 7) this.#to[this.#at++] = rest & 0x7f | 0x80;
    this.#to[this.#at++] = rest;
  }

  string(text: string): void {
    const size = sizeOf(text);
    this.int16(size);
    this.#raw(text, size);
  }

  /** With its length before it as a varint. */
  sized(content: Content, size: number): void {
    this.varint(size);
    if (size > 0) this.#raw(content!, size);
  }

  /** The bytes that came behind the number there. */
  lengthAt(at: number): void {
    this.#to.writeInt32BE(this.#at - at - 4, at);
  }

  /** The checksum of what came behind it. */
  sumAt(at: number): void {
    this.#to.writeUInt32BE(crc32c(this.#to.subarray(at + 4, this.#at)), at);
  }

  written(): Buffer {
    return this.#to.subarray(0, this.#at);
  }

  #raw(content: string | Buffer, size: number): void {
    this.#ensure(size);
    if (typeof content === 'string') this.#to.write(content, this.#at, size, 'utf8');
    else content.copy(this.#to, this.#at);
    this.#at += size;
  }

  #ensure(bytes: number): void {
    const needed = this.#at + bytes;
    if (needed <= this.#to.length) return;
    const larger = Buffer.allocUnsafeSlow(2 ** Math.ceil(Math.log2(needed)));
    this.#to.copy(larger, 0, 0, this.#at);
    this.#to = larger;
  }
}

// --- memory ---

const ROOM_BYTES_FIRST = 2 ** 16;
/** More than a request of the exchange has, see kafka-lane.ts. */
const ROOM_BYTES_MAX = 2 ** 20;
/** A publisher has three connections with a request under way at each. */
const SPARE_MAX = 4;
const spare: Buffer[] = [];

/**
 * For a request that was answered, so that nobody reads it any more. One that failed may still be on
 * its way and is left to the collector.
 */
export function reuse({ buffer }: Buffer): void {
  if (spare.length < SPARE_MAX && buffer.byteLength <= ROOM_BYTES_MAX) {
    spare.push(Buffer.from(buffer as ArrayBuffer));
  }
}
