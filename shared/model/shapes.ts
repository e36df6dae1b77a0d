/**
 * What the shapes of public requests are made of, and how their failures become findings. Shapes
 * only check (`shape-check.ts`): the request stays the object that was parsed, with everything it carries that a shape does not name. Hence `z.object`, which does not
 * look at unknown fields at all, rather than `z.looseObject`, which would copy them.
 *
 * The text of each check completes "allowed is …".
 */
import { z } from 'zod';
import { error, type Finding, FINDINGS_MAX, pathText } from './finding.ts';
import type { Ext } from './openrtb.ts';

const LIST_OF_STRINGS = 'a list of strings';
const LIST_OF_INTEGERS = 'a list of whole numbers';

export const text = z.string({ error: 'a string' });
export const whole = z.int({ error: 'a whole number' });
export const number = z.number({ error: 'a number' });
export const object = z.custom<Ext>(isObject, 'an object');
// Lists of plain values fail as one, so that a list with 10,000 wrong elements is one issue.
export const strings = z.custom<string[]>((value) => isListOf(value, isString), LIST_OF_STRINGS);
export const integers = z.custom<number[]>(
  (value) => isListOf(value, Number.isSafeInteger),
  LIST_OF_INTEGERS,
);

/** An object with these fields and any others. */
export function shape<T extends z.core.$ZodLooseShape>(fields: T) {
  return z.object(fields, { error: 'an object' });
}

/** A list of such objects. */
export function list<T extends z.ZodType>(element: T) {
  return z.array(element, { error: 'a list of objects' });
}

/** Whether JSON says object: neither null nor a list. */
export function isObject(value: unknown): value is Ext {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Why `root` is not of its shape, as findings; at least one.
 * @param at where `root` is in the request; empty when it is the request.
 * @param sectionOf the section of the text that describes the field at a path within `root`.
 */
export function explain(
  schema: z.ZodType,
  root: unknown,
  at: string,
  sectionOf: (path: readonly PropertyKey[]) => string,
): Finding[] {
  // zod makes an object with a path for each issue and 20,000 of them would hold the process for
  // 100 ms, so of a large request only the first is asked for. Not part of zod's public types, but
  // the mechanism behind `validate`; a version that ignored it would be slow here, not wrong.
  const context: z.core.ParseContextInternal<z.core.$ZodIssue> = {
    abortEarly: holdsMore(root, EXPLAINED_VALUES_MAX),
  };
  const { error: failure } = schema.safeParse(root, context);
  return (failure?.issues ?? []).slice(0, FINDINGS_MAX).map(({ path, message }) => {
    const value = valueAt(root, path);
    const within = pathText(path);
    const full = at === '' || within === '' ? at + within : `${at}.${within}`;
    const element = badElement(value, message);
    if (element === undefined) return error(full, value, message, sectionOf(path));
    const { index, allowed } = element;
    const item = (value as unknown[])[index];
    return error(`${full}[${index}]`, item, allowed, sectionOf(path));
  });
}

/** Requests with more values than this get their first error only. */
const EXPLAINED_VALUES_MAX = 2_000;

/** Whether there are more than `most` values in `root`, at any depth. */
function holdsMore(root: unknown, most: number): boolean {
  const open: unknown[] = [root];
  let count = 0;
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (typeof value !== 'object' || value === null) continue;
    const members = Object.values(value);
    count += members.length;
    if (count > most) return true;
    open.push(...members);
  }
  return false;
}

/** What is at `path`, or undefined. */
function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Object.hasOwn(value, key) ? (value as Record<PropertyKey, unknown>)[key] : undefined;
  }
  return value;
}

/** Which element of a list made its check fail. */
function badElement(value: unknown, message: string) {
  if (!Array.isArray(value)) return undefined;
  if (message === LIST_OF_STRINGS) {
    return { index: value.findIndex((item) => !isString(item)), allowed: 'a string' };
  }
  if (message === LIST_OF_INTEGERS) {
    const index = value.findIndex((item) => !Number.isSafeInteger(item));
    return { index, allowed: 'a whole number' };
  }
  return undefined;
}

function isString(value: unknown): value is string {
  return typeof value === 'string';
}

function isListOf(value: unknown, fits: (item: unknown) => boolean): boolean {
  if (!Array.isArray(value)) return false;
  for (let i = 0; i < value.length; i++) if (!fits(value[i])) return false;
  return true;
}
