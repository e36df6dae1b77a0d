/** What a failed call tells its caller. */
import type { Failure } from './chdb-messages.ts';
import { WarehouseError } from './warehouse.ts';

/**
 * What ClickHouse says when the machine lacks something for now (files, disk, merged parts):
 * CANNOT_WRITE_TO_FILE_DESCRIPTOR, CANNOT_OPEN_FILE, ABORTED, NOT_ENOUGH_SPACE, TOO_MANY_PARTS,
 * CANNOT_SCHEDULE_TASK. Everything else is the statement's own fault.
 */
const LACKING: ReadonlySet<number> = new Set([75, 76, 236, 243, 252, 439]);

export function failureOf(error: unknown): Failure {
  if (error instanceof WarehouseError) {
    const { code, message, clickhouseCode } = error;
    return { code, message, clickhouseCode };
  }
  const text = textOf(error);
  const clickhouseCode = Number(/Code: (\d+)/.exec(text)?.[1] ?? 0);
  const code = LACKING.has(clickhouseCode) ? 'unavailable' : 'query';
  return { code, message: `Cannot run the statement: ${text}`, clickhouseCode };
}

/** As ClickHouse itself would put it. `text` is its sentence, `name` its name for the code. */
export function clickhouseError(clickhouseCode: number, name: string, text: string): Error {
  return new Error(`Code: ${clickhouseCode}. DB::Exception: ${text}. (${name})`);
}

/**
 * ClickHouse's own text. @clickhouse/client keeps it as the cause; the name of the file the rows
 * came in, and the code that is repeated for it, are no business of the caller.
 */
function textOf(error: unknown): string {
  const source = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const text = source instanceof Error ? source.message : String(source);
  return text
    .replace(/^(Code: \d+\. DB::Exception: )\1/, '$1')
    .replace(/\(in file\/uri [^)]*\): /g, '')
    .replace(/: While executing File: data for INSERT was parsed from file/, '')
    .replace(/ \(version [^)]*\)\. \([A-Z_]+\)$/, '');
}
