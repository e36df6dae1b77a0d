/**
 * Outcomes as CSV (RFC 4180), made page by page as the reader takes them: memory holds one page,
 * however long the file.
 */
import { Buffer } from 'node:buffer';
import { WarehouseError } from '#shared/warehouse/warehouse.ts';
import type { Keyset } from './cursor.ts';
import { auctionKeyset } from './cursor.ts';
import { OUTCOME_FIELDS, outcomeAnswer } from './outcome-fields.ts';
import type { StoredOutcome } from './queries.ts';

/** Rows of one file: what a spreadsheet opens (Excel ends at 1,048,576), about 300 MB. */
const CSV_ROWS_MAX = 1_000_000;
/** Rows asked for at once: about 2 MB of memory, some 50 ms of the warehouse. */
const PAGE_ROWS = 5_000;
/** Where their texts are long: with the longest they may have, 50 MB, less than a result may have. */
const LONG_PAGE_ROWS = 1_500;
/** What ClickHouse says of a result that is too large: TOO_MANY_ROWS_OR_BYTES. */
const TOO_LARGE = 396;
const LINE_END = '\r\n';

type NextPage = (limit: number, after: Keyset | undefined) => Promise<StoredOutcome[]>;

/**
 * A header line and the rows, newest first, at most `rowsMax`. Rejects as the first page does.
 * @param nextPage at most `limit` rows behind `after`; fewer mean that there are no more.
 * @param onError told when a later page fails: the file ends there, torn, without a line end, and the
 * connection with it.
 */
export async function csvStream(
  nextPage: NextPage,
  onError: (error: unknown) => void,
  rowsMax = CSV_ROWS_MAX,
): Promise<ReadableStream<Uint8Array>> {
  const pieces = csvPieces(nextPage, rowsMax);
  // Whoever cannot have the file is told before it begins.
  let first: IteratorResult<string> | undefined = await pieces.next();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { value, done } = first ?? await pieces.next();
        first = undefined;
        if (done) controller.close();
        else controller.enqueue(Buffer.from(value));
      } catch (error) {
        onError(error);
        controller.error(error);
      }
    },
  }, { highWaterMark: 0 });
}

async function* csvPieces(nextPage: NextPage, rowsMax: number): AsyncGenerator<string, void> {
  let after: Keyset | undefined;
  let left = rowsMax;
  let pageRows = PAGE_ROWS;
  /** What comes before the rows of the next page. */
  let head = csvLine(OUTCOME_FIELDS);
  for (;;) {
    let limit = Math.min(pageRows, left);
    const rows = await nextPage(limit, after).catch((error: unknown) => {
      if (pageRows === LONG_PAGE_ROWS || !isTooLarge(error)) throw error;
      pageRows = LONG_PAGE_ROWS;
      limit = Math.min(pageRows, left);
      return nextPage(limit, after);
    });
    left -= rows.length;
    const text = head + rows.map((row) => csvRow(row)).join('');
    const last = rows.at(-1);
    if (!last || rows.length < limit || left === 0) return yield text;
    // Its end comes with what follows, so that a file that is torn between two pages shows it.
    yield text.slice(0, -LINE_END.length);
    head = LINE_END;
    after = auctionKeyset(last.auction_id, last.imp_id);
  }
}

function isTooLarge(error: unknown): boolean {
  return error instanceof WarehouseError && error.clickhouseCode === TOO_LARGE;
}

function csvRow(row: StoredOutcome): string {
  const answer = outcomeAnswer(row);
  return csvLine(OUTCOME_FIELDS.map((name) => answer[name]));
}

/** One line with its end. */
export function csvLine(values: readonly (string | number | boolean | null)[]): string {
  return values.map(csvCell).join(',') + LINE_END;
}

/**
 * Texts come from strangers: one that a spreadsheet would take for a formula gets an apostrophe,
 * which it shows as text. Numbers are ours.
 */
function csvCell(value: string | number | boolean | null): string {
  if (value === null) return '';
  if (typeof value !== 'string') return String(value);
  const text = /^[=+\-@\t\r\n]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
