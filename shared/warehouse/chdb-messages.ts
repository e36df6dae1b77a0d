/** What the warehouse and the thread that owns chDB say to each other. */
import type { RowsInto } from './rows-into.ts';
import type { RawResult, RawStatement, WarehouseError } from './warehouse.ts';

/** Every call has a number of its own; its answer carries the same. */
export type ToWorker =
  /**
   * A piece of an insert's rows, one a line; sent in order before the insert. No view
   * of bytes: Deno 2.9 looks at each element of one in a message, 0.1 µs a byte. Memory is handed
   * over, with rows in its first `bytes`, and comes back by `chunks`.
   */
  | { kind: 'rows'; id: number; data: string }
  | { kind: 'rows'; id: number; data: ArrayBuffer; bytes: number }
  | { kind: 'insert'; id: number; into: RowsInto; token: string }
  | { kind: 'query'; id: number; sql: string; params: Record<string, unknown> }
  | { kind: 'command'; id: number; sql: string }
  | { kind: 'raw'; id: number; statement: RawStatement }
  | { kind: 'check'; id: number }
  /** Reports and statements, those that wait for their turn too, are given up: they reject. */
  | { kind: 'end' }
  /** No more calls follow; answered by `closed` when all are done. */
  | { kind: 'close' };

export type FromWorker =
  | { kind: 'opened' }
  | { kind: 'refused'; reason: Failure }
  | { kind: 'done'; id: number }
  /** Memory of rows that are written. */
  | { kind: 'chunks'; chunks: ArrayBuffer[] }
  /** A JSON array of rows. Text, as parsing it costs the receiver less than cloned objects. */
  | { kind: 'answer'; id: number; text: string }
  | { kind: 'raw'; id: number; result: Omit<RawResult, 'bytes'>; bytes: ArrayBuffer }
  | { kind: 'failed'; id: number; reason: Failure }
  | { kind: 'closed' };

export interface Failure {
  code: WarehouseError['code'];
  message: string;
  clickhouseCode: number;
}
