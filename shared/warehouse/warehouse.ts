/**
 * Where analysts ask: ClickHouse, in process (chDB in a worker) or a server. `contract.ts` is the
 * suite every engine passes.
 */
import type { Lane } from './lanes.ts';

export interface Warehouse {
  /**
   * Inserts rows given as texts, one each, or as bytes: UTF-8, any number of whole rows, each ended by a
   * line feed. The same `token` on the same table is stored once, however often it is sent: the token
   * MUST name exactly these rows.
   *
   * @param columns what a row has the values of, with tabs between and nothing escaped
   *   (TabSeparatedRaw). Without it a row is a JSON object (JSONEachRow); its nested objects and arrays
   *   go into String columns as they are.
   */
  insert(
    table: string,
    rows: readonly (string | Uint8Array)[],
    token: string,
    columns?: readonly string[],
  ): Promise<void>;

  /** Runs one SELECT with `{name:Type}` parameters. 64-bit integers come as numbers. */
  query<Row>(sql: string, params?: Record<string, unknown>): Promise<Row[]>;

  /** Runs one statement that returns nothing (DDL). */
  command(sql: string): Promise<void>;

  /**
   * Runs one statement as a ClickHouse HTTP server would get it: settings, parameters, a default
   * format and a body of rows. Errors reject with {@link WarehouseError} whose `clickhouseCode` is set.
   */
  raw(statement: RawStatement): Promise<RawResult>;

  /** Resolves when the warehouse answers, rejects with the reason when not. */
  check(): Promise<void>;
  close(): Promise<void>;
}

export interface RawStatement {
  /** One statement, or its beginning. */
  sql: string;
  /** What follows it: rows of an INSERT, or more text. Handed over, so not to be used again. */
  body?: Uint8Array;
  settings: Record<string, string>;
  /** `{name:Type}` parameters, as texts. */
  params: Record<string, string>;
  /** Used when the statement names no format. */
  defaultFormat: string;
  /** Where unqualified table names are looked up; ClickHouse's `default` without it. */
  database?: string;
  /** What it does not wait for; `statements` without it. */
  lane?: Lane;
}

export interface RawResult {
  bytes: Uint8Array<ArrayBuffer>;
  format: string;
  /** Rows of the result, or rows written. */
  rows: number;
  elapsedMs: number;
}

export class WarehouseError extends Error {
  override name = 'WarehouseError';
  readonly code: 'closed' | 'corrupt' | 'unavailable' | 'query';
  /** ClickHouse's own error number, 0 when the error is not its. */
  readonly clickhouseCode: number;
  constructor(
    code: WarehouseError['code'],
    message: string,
    options?: ErrorOptions & { clickhouseCode?: number },
  ) {
    super(message, options);
    this.code = code;
    this.clickhouseCode = options?.clickhouseCode ?? 0;
  }
}
