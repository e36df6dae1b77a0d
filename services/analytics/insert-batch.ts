/**
 * Inserts a batch. A row its table cannot take is left out, counted and told of with its text:
 * otherwise it would hold up everything behind it for ever.
 *
 * 1. The batch is inserted whole, under its token.
 * 2. Where ClickHouse cannot read a row, `refused-rows.ts` finds out which, without storing anything.
 * 3. The others are inserted together, under the same token.
 *
 * Each row is stored once, whenever a process is killed, because all that is ever stored of a batch
 * is one insert under one token, which thus names what the table takes of these records. Before 3
 * nothing is stored; after it the table passes over whatever comes under the token, be it the rest
 * again or, from a version or a table that was mended meanwhile, the whole. (Halves stored under
 * tokens of their own would then be there twice.) Step 2 asks for nothing that has to be remembered.
 */
import { Buffer } from 'node:buffer';
import type { Warehouse } from '#shared/warehouse/warehouse.ts';
import type { Insist } from './back-off.ts';
import type { Batch } from './batch.ts';
import { isRowFault, type RefusedRow, refusedRows } from './refused-rows.ts';
import type { TableCounts } from './table-counts.ts';

/** Characters of a row that are logged: all of an outcome, the beginning of large details. */
const LOGGED_MAX = 4_000;

export interface InsertSetup {
  warehouse: Warehouse;
  table: string;
  /** See `Warehouse.insert`. */
  columns?: readonly string[];
  counts: TableCounts;
  insist: Insist;
  onError(error: unknown): void;
}

/** Tries until it works; rejects when the writer is given up. */
export async function insertBatch(setup: InsertSetup, batch: Batch, token: string): Promise<void> {
  if (batch.count === 0) return;
  const { table, counts, insist, onError } = setup;
  const began = performance.now();
  const refused = await insist(() => insertTaken(setup, batch.rows(), token));
  counts.seconds.observe((performance.now() - began) / 1000);
  counts.rows.inc(batch.count - refused.length);
  for (const { row, reason } of refused) {
    counts.refused.inc();
    const text = Buffer.from(row).toString().trimEnd();
    const what = `${text.slice(0, LOGGED_MAX)}${text.length > LOGGED_MAX ? '…' : ''}`;
    onError(
      new Error(`Cannot store a row of ${table}${placeOf(text)}: it is left out: ${what}`, {
        cause: reason,
      }),
    );
  }
}

/** Resolves to the rows that were left out. */
async function insertTaken(
  { warehouse, table, columns }: Pick<InsertSetup, 'warehouse' | 'table' | 'columns'>,
  chunks: readonly Uint8Array[],
  token: string,
): Promise<readonly RefusedRow[]> {
  try {
    await warehouse.insert(table, chunks, token, columns);
    return [];
  } catch (error) {
    if (!isRowFault(error)) throw error;
    const found = await refusedRows(warehouse, { table, columns }, chunks);
    if (!found) throw error;
    if (found.taken.length > 0) {
      await warehouse.insert(table, [Buffer.concat(found.taken)], token, columns);
    }
    return found.refused;
  }
}

/** Where the record lies on the bus; details do not say it. */
function placeOf(row: string): string {
  const [, partition, offset] = /"partition":(\d+),"offset":(\d+)\}$/.exec(row) ?? [];
  return offset === undefined ? '' : `, partition ${partition}, offset ${offset}`;
}
