/**
 * One kept HTTP connection of the load generator, with one request under way at most. It looks at
 * bytes only: status, length, end. A client library would cost more than the server it measures.
 */
import { Buffer } from 'node:buffer';
import net from 'node:net';
import type { PreparedRequest } from './load-run.ts';

export interface ConnectionEvents {
  /** A complete answer came; the connection is free. */
  onAnswer(connection: Connection, status: number): void;
  /** The connection is gone; what was under way has no answer. */
  onLost(connection: Connection, reason: string): void;
}

export class Connection {
  /** Whether a request is under way; the two below are its, or the last one's. */
  busy = false;
  /** When it was to be sent, as `performance.now()`. */
  plannedMs = 0;
  imps = 0;
  readonly #socket: net.Socket;
  readonly #events: ConnectionEvents;
  #closed = false;
  /** Bytes of an answer that has not come whole. */
  #pending: Buffer | undefined;

  constructor(host: string, port: number, events: ConnectionEvents) {
    this.#events = events;
    this.#socket = net.connect({
      host,
      port,
      noDelay: true,
      // One buffer for all reads: a fresh 64 KiB each would be most of the generator's work.
      onread: {
        buffer: new Uint8Array(READ_BYTES),
        callback: (length, buffer) => this.#read(Buffer.from(buffer.buffer, 0, length)),
      },
    });
    this.#socket.on('error', (error) => this.#lost(error.message));
    this.#socket.on('close', () => this.#lost('connection closed'));
  }

  connected(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.once('connect', resolve).once('error', reject);
    });
  }

  send(request: PreparedRequest, plannedMs: number): void {
    this.busy = true;
    this.plannedMs = plannedMs;
    this.imps = request.imps;
    this.#socket.write(request.bytes);
  }

  close(): void {
    this.#closed = true;
    this.#socket.destroy();
  }

  #read(bytes: Buffer): boolean {
    const all = this.#pending === undefined ? bytes : Buffer.concat([this.#pending, bytes]);
    const length = answerLength(all);
    if (length === undefined || all.length < length) {
      // The read buffer is used again: what is kept must be a copy.
      this.#pending = Buffer.from(all);
      return true;
    }
    this.#pending = undefined;
    const status = (all[9]! - 48) * 100 + (all[10]! - 48) * 10 + all[11]! - 48;
    // Such as 408 on a connection the server found too quiet.
    if (!this.busy) this.#lost(`HTTP ${status} without a request`);
    this.busy = false;
    if (!this.#closed) this.#events.onAnswer(this, status);
    return true;
  }

  #lost(reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.destroy();
    this.#events.onLost(this, reason);
  }
}

/** Larger than any answer of the exchange. */
const READ_BYTES = 65_536;

const NEWLINE = 10;
const RETURN = 13;
const COLON = 58;

/** Bytes of the whole answer, or undefined while that is not known. */
export function answerLength(bytes: Buffer): number | undefined {
  let length = 0;
  // From header line to header line; `content-length` is told by its length and two letters, and
  // `transfer-encoding` alike: no other header has them.
  for (let line = bytes.indexOf(NEWLINE) + 1; line > 0;) {
    if (bytes[line] === RETURN) return line + 2 + length;
    if (
      bytes[line + 14] === COLON && (bytes[line]! | 32) === 99 && (bytes[line + 8]! | 32) === 108
    ) {
      length = numberAt(bytes, line + 16);
    } else if (bytes[line + 17] === COLON && (bytes[line]! | 32) === 116) {
      return bytes.indexOf(LAST_CHUNK) < 0 ? undefined : bytes.length;
    }
    line = bytes.indexOf(NEWLINE, line) + 1;
  }
  return undefined;
}
const LAST_CHUNK = '\r\n0\r\n\r\n';

function numberAt(bytes: Buffer, from: number): number {
  let value = 0;
  for (let at = from; bytes[at]! >= 48 && bytes[at]! <= 57; at++) {
    value = value * 10 + bytes[at]! - 48;
  }
  return value;
}
