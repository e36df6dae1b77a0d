/** Answers that say no, alike on every route of the stage. */
import { problem } from '#shared/problem.ts';
import type { WarehouseError } from '#shared/warehouse/warehouse.ts';
import type { ParameterProblem } from './parameters.ts';

export function queryOf(c: { req: { url: string } }): URLSearchParams {
  return new URL(c.req.url).searchParams;
}

/** 400, in the terms of who sent the parameter. */
export function refused({ field, value, allowed }: ParameterProblem): Response {
  const error = `Invalid request: ${field}: allowed is ${allowed}`;
  return Response.json({ error, field, value, allowed }, { status: 400 });
}

/**
 * What the warehouse does not answer. Its own refusals are no 503: a gateway takes that for a stage that is
 * away, and asks another one for the same.
 */
export function unanswered({ code, clickhouseCode, message }: WarehouseError): Response {
  if (code !== 'query') {
    return problem(503, 'The warehouse does not answer just now', { 'retry-after': RETRY_AFTER_S });
  }
  const why = LIMITS[clickhouseCode];
  if (why) return problem(clickhouseCode === TIMEOUT_EXCEEDED ? 504 : 500, `${why}: ${NARROWER}`);
  // Behind it ClickHouse repeats the statement, which is in the log.
  const sentence = message.slice(Math.max(0, message.indexOf('Code: '))).split(' in scope ')[0]!;
  return problem(500, `The warehouse refuses the question: ${sentence.slice(0, SENTENCE_MAX)}`);
}

/** Seconds after which to ask again for what is not there yet. */
export const RETRY_AFTER_S = '1';
/** Characters of ClickHouse's words. */
const SENTENCE_MAX = 300;
const NARROWER = 'ask for a shorter time or with more filters';
const TIMEOUT_EXCEEDED = 159;
/** Limits of a single question, by ClickHouse's numbers. */
const LIMITS: Record<number, string> = {
  [TIMEOUT_EXCEEDED]: 'The warehouse cannot answer this in time',
  241: 'The warehouse has not the memory to answer this', // MEMORY_LIMIT_EXCEEDED
  396: 'The answer is too large for the warehouse', // TOO_MANY_ROWS_OR_BYTES
};
