/**
 * Whether a value has a shape, and nothing else: for requests, nearly all of which have it. zod's own
 * compiled check makes a function for each optional field and an object for each optional part: it
 * took a tenth of the time of an auction and left a fifth of its garbage. Why a value has not the
 * shape is still zod's to say (`explain` of `shapes.ts`); the two are held against each other by
 * `shape-check.test.ts` and `openrtb-fuzz.test.ts`.
 */
import { z } from 'zod';

type ShapeCheck = (value: unknown) => boolean;

/** @throws {TypeError} when the schema has something that is not known here. */
export function shapeCheck<T>(schema: z.ZodType<T>): (value: unknown) => value is T {
  return checkOf(schema) as (value: unknown) => value is T;
}

/** What the shapes of requests are made of; a range or a pattern is for the rules. */
function checkOf(schema: z.core.$ZodType): ShapeCheck {
  const { checks, catchall } = schema._zod.def as { checks?: unknown[]; catchall?: unknown };
  if (!checks?.length && catchall === undefined) {
    if (schema instanceof z.ZodObject) return objectCheck(schema);
    if (schema instanceof z.ZodArray) return listCheck(checkOf(schema.element));
    if (schema instanceof z.ZodLiteral) return (value) => schema.values.has(value as never);
    if (schema instanceof z.ZodCustom) return schema._zod.def.fn as ShapeCheck;
    const { format } = schema as { format?: string | null };
    if (schema instanceof z.ZodNumber && format === 'safeint') return Number.isSafeInteger;
    if (schema instanceof z.ZodNumber && format === null) return Number.isFinite;
    if (schema instanceof z.ZodString && format === null) return isText;
  }
  throw new TypeError(`Cannot check a shape that holds ${JSON.stringify(schema)}`);
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function listCheck(isItem: ShapeCheck): ShapeCheck {
  return (value) => {
    if (!Array.isArray(value)) return false;
    for (let i = 0; i < value.length; i++) if (!isItem(value[i])) return false;
    return true;
  };
}

/** Goes by the fields that are there: of the many optional ones few are. */
function objectCheck({ shape }: z.ZodObject): ShapeCheck {
  const checks: Record<string, ShapeCheck | undefined> = Object.create(null);
  const required: string[] = [];
  for (const [name, field] of Object.entries(shape)) {
    if (field instanceof z.ZodOptional) checks[name] = checkOf(field.unwrap());
    else required.push(name), checks[name] = checkOf(field);
  }
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    const fields = value as Record<string, unknown>;
    for (const name of required) if (fields[name] === undefined) return false;
    for (const name in fields) {
      const check = checks[name];
      if (check !== undefined && fields[name] !== undefined && !check(fields[name])) return false;
    }
    return true;
  };
}
