/** What a failed call tells its caller. */
import type { Failure } from './chdb-messages.ts';
import { WarehouseError } from './warehouse.ts';

/**
 * What ClickHouse says when it lacks something for now, or does not let us in: nothing that another
 * statement would change. Everything else is the statement's own fault.
 */
const LACKING: ReadonlySet<number> = new Set([
  75, // CANNOT_WRITE_TO_FILE_DESCRIPTOR
  76, // CANNOT_OPEN_FILE
  192, // UNKNOWN_USER
  193, // WRONG_PASSWORD
  201, // QUOTA_EXCEEDED
  202, // TOO_MANY_SIMULTANEOUS_QUERIES
  209, // SOCKET_TIMEOUT
  210, // NETWORK_ERROR
  225, // NO_ZOOKEEPER
  236, // ABORTED
  242, // TABLE_IS_READ_ONLY
  243, // NOT_ENOUGH_SPACE
  252, // TOO_MANY_PARTS
  285, // TOO_FEW_LIVE_REPLICAS
  286, // UNSATISFIED_QUORUM_FOR_PREVIOUS_WRITE
  319, // UNKNOWN_STATUS_OF_INSERT
  439, // CANNOT_SCHEDULE_TASK
  516, // AUTHENTICATION_FAILED
  999, // KEEPER_EXCEPTION
]);

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
    .replace(/^(Code: \d+\. DB::Exception: )\1+/, '$1')
    .replace(/\(in file\/uri [^)]*\): /g, '')
    .replace(/: While executing File: data for INSERT was parsed from file/, '')
    .replace(/(?: \(version [^)]*\)\. \([A-Z_]+\))+$/, '');
}
