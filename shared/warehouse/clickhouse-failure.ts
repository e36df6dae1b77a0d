/** What a failed call to a server tells its caller. */
import { reasonOf } from '../reason.ts';
import type { Lane } from './lanes.ts';
import { failureOf } from './statement-failure.ts';
import { WarehouseError } from './warehouse.ts';

/** What the server lacks when an insert meets it, while it is a query's own fault otherwise. */
const LACKING_FOR_INSERTS: ReadonlySet<number> = new Set([
  159, // TIMEOUT_EXCEEDED
  164, // READONLY
  241, // MEMORY_LIMIT_EXCEEDED
  497, // ACCESS_DENIED
]);

/** `clickhouseCode` 0: it was not reached. `origin` is what may be shown of its address. */
export function serverFailure(error: unknown, lane: Lane, origin: string): WarehouseError {
  if (error instanceof WarehouseError) return error;
  const told = failureOf(isTold(error) ? sentenceOf(error) : error);
  if (told.clickhouseCode > 0) {
    const lacking = lane === 'inserts' && LACKING_FOR_INSERTS.has(told.clickhouseCode);
    return new WarehouseError(lacking ? 'unavailable' : told.code, told.message, told);
  }
  const text = `Cannot reach ClickHouse at ${origin}: ${
    reasonOf(error) || 'the connection failed'
  }`;
  return new WarehouseError('unavailable', text);
}

/** The error of @clickhouse/client for what a server answered. */
interface ToldError extends Error {
  code: string;
  type: string;
}

export function isTold(error: unknown): error is ToldError {
  return error instanceof Error && 'type' in error && 'code' in error;
}

/** The client takes ClickHouse's sentence apart; people know it whole. */
function sentenceOf({ code, message, type }: ToldError): Error {
  return new Error(`Code: ${code}. DB::Exception: ${message.trim()} (${type})`);
}
