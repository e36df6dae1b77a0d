/** A query string, parameter by parameter: what is unknown, given twice or not allowed is refused. */

/** Why a parameter is refused, in the terms of who sent it. */
export interface ParameterProblem {
  field: string;
  value: string;
  allowed: string;
}

export type Parsed<T> = { ok: true; value: T } | { ok: false; problem: ParameterProblem };

/** Reads one parameter: undefined where it is not given, a thrown problem where it is not allowed. */
export type Read<Name extends string> = <T>(
  name: Name,
  allowed: string,
  reader: (text: string) => T | undefined,
) => T | undefined;

export function parse<T, Name extends string>(
  query: URLSearchParams,
  names: readonly Name[],
  build: (read: Read<Name>) => T,
): Parsed<T> {
  for (const [field, value] of query) {
    if (!(names as readonly string[]).includes(field)) {
      const allowed = names.length > 0 ? `one of ${names.join(', ')}` : 'no parameter';
      return { ok: false, problem: { field, value, allowed } };
    }
    if (query.getAll(field).length > 1) {
      return { ok: false, problem: { field, value, allowed: 'once' } };
    }
  }
  try {
    const value = build((name, allowed, reader) => {
      const text = query.get(name);
      if (text === null) return undefined;
      const read = reader(text);
      if (read === undefined) throw new Refused({ field: name, value: text, allowed });
      return read;
    });
    return { ok: true, value };
  } catch (error) {
    if (error instanceof Refused) return { ok: false, problem: error.problem };
    throw error;
  }
}

/** `b,a` as some of the names, in their own order; undefined where one is unknown or repeated. */
export function readNames<Name extends string>(
  text: string,
  names: readonly Name[],
): readonly Name[] | undefined {
  const asked = text.split(',');
  const found = names.filter((name) => asked.includes(name));
  return asked.length === found.length ? found : undefined;
}

/** Ends the reading at the first problem; never leaves this file. */
class Refused extends Error {
  readonly problem: ParameterProblem;
  constructor(problem: ParameterProblem) {
    super(`Cannot read ${problem.field}: allowed is ${problem.allowed}`);
    this.problem = problem;
  }
}
