/**
 * Finds the rows a table cannot take: halves of a batch are tried on `null()`, a table with the same
 * columns that keeps nothing, until single rows are left.
 */
import { Buffer } from 'node:buffer';
import { insertText, type RowsInto } from '#shared/warehouse/rows-into.ts';
import { type Warehouse, WarehouseError } from '#shared/warehouse/warehouse.ts';

/**
 * Refused rows of one batch; with more of them it is not the rows that are wrong. One of 10,000 is
 * found in two dozen trials and half a second, so many were measured at 17 s.
 */
export const REFUSED_MAX = 100;

const LINE_FEED = 0x0a;

/** What ClickHouse says of a value it cannot read. Anything else may work the next time. */
const ROW_FAULTS: ReadonlySet<number> = new Set([
  6, // CANNOT_PARSE_TEXT
  25, // CANNOT_PARSE_ESCAPE_SEQUENCE
  26, // CANNOT_PARSE_QUOTED_STRING
  27, // CANNOT_PARSE_INPUT_ASSERTION_FAILED
  33, // CANNOT_READ_ALL_DATA
  38, // CANNOT_PARSE_DATE
  41, // CANNOT_PARSE_DATETIME
  53, // TYPE_MISMATCH
  69, // ARGUMENT_OUT_OF_BOUND
  70, // CANNOT_CONVERT_TYPE
  72, // CANNOT_PARSE_NUMBER
  117, // INCORRECT_DATA
  130, // CANNOT_READ_ARRAY_FROM_TEXT
  131, // TOO_LARGE_STRING_SIZE
  321, // VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE
  349, // CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN
  407, // DECIMAL_OVERFLOW
  467, // CANNOT_PARSE_BOOL
  691, // UNKNOWN_ELEMENT_OF_ENUM
]);

export interface RefusedRow {
  /** UTF-8, with its line feed. */
  row: Uint8Array;
  reason: WarehouseError;
}

/** Whether an insert failed because of what is in a row. */
export function isRowFault(error: unknown): error is WarehouseError {
  return error instanceof WarehouseError && error.code === 'query' &&
    ROW_FAULTS.has(error.clickhouseCode);
}

/**
 * Undefined when the table is to blame and not a row: all can be read, hardly any can, or not one
 * of several auctions can. Then nothing may be left out, and the batch has to wait.
 * @param chunks each of whole rows, ended by line feeds
 * @throws {WarehouseError} when the warehouse cannot be asked
 */
export async function refusedRows(
  warehouse: Pick<Warehouse, 'query' | 'raw'>,
  into: RowsInto,
  chunks: readonly Uint8Array[],
): Promise<{ taken: Uint8Array[]; refused: RefusedRow[] } | undefined> {
  const structure = await structureOf(warehouse, into.table);
  const { head, format } = insertText({ ...into, table: `FUNCTION null(${structure})` });
  const sql = `${head} ${format}`;
  const rows = chunks.flatMap(rowsOf);
  const taken: Uint8Array[] = [];
  const refused: RefusedRow[] = [];
  const open = [rows];
  for (let some = open.pop(); some; some = open.pop()) {
    const reason = await trial(warehouse, sql, some);
    if (!reason) taken.push(...some);
    else if (some.length > 1) {
      const half = some.length >> 1;
      // The first half is the next: rows keep their order.
      open.push(some.slice(half), some.slice(0, half));
    } else if (refused.push({ row: some[0]!, reason }) > REFUSED_MAX) return undefined;
  }
  const ofRows = refused.length > 0 && (taken.length > 0 || isOneAuction(rows));
  return ofRows ? { taken, refused } : undefined;
}

/** Why the rows cannot be read, or undefined. */
async function trial(
  warehouse: Pick<Warehouse, 'raw'>,
  sql: string,
  rows: readonly Uint8Array[],
): Promise<WarehouseError | undefined> {
  const statement = {
    sql,
    settings: {},
    params: {},
    defaultFormat: 'Null',
    lane: 'inserts',
  } as const;
  try {
    await warehouse.raw({ ...statement, body: Buffer.concat(rows) });
    return undefined;
  } catch (error) {
    if (isRowFault(error)) return error;
    throw error;
  }
}

/** The columns an insert fills, as a text in SQL. */
async function structureOf(warehouse: Pick<Warehouse, 'query'>, table: string): Promise<string> {
  const columns = await warehouse.query<{ name: string; type: string }>(
    `SELECT name, type FROM system.columns
     WHERE concat(database, '.', table) = {table:String} AND default_kind IN ('', 'DEFAULT')
     ORDER BY position`,
    { table },
  );
  const list = columns.map(({ name, type }) => `\`${name}\` ${type}`).join(', ');
  return `'${list.replace(/[\\']/g, '\\$&')}'`;
}

function rowsOf(chunk: Uint8Array): Uint8Array[] {
  const rows: Uint8Array[] = [];
  for (let start = 0, end; start < chunk.length; start = end) {
    end = chunk.indexOf(LINE_FEED, start) + 1;
    rows.push(chunk.subarray(start, end));
  }
  return rows;
}

/** Every row begins with the id of its auction, up to the first comma or tab. */
function isOneAuction(rows: readonly Uint8Array[]): boolean {
  const starts = rows.map((row) => {
    const end = row.findIndex((byte) => byte === COMMA || byte === TAB);
    return Buffer.from(row.subarray(0, end)).toString();
  });
  return new Set(starts).size === 1;
}
const COMMA = 0x2c;
const TAB = 0x09;
