/** Answers that say no, alike on every route of the stage. */
import type { ParameterProblem } from './parameters.ts';

export function queryOf(c: { req: { url: string } }): URLSearchParams {
  return new URL(c.req.url).searchParams;
}

/** 400, in the terms of who sent the parameter. */
export function refused({ field, value, allowed }: ParameterProblem): Response {
  const error = `Invalid request: ${field}: allowed is ${allowed}`;
  return Response.json({ error, field, value, allowed }, { status: 400 });
}
