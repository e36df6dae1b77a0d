/**
 * Fields that are null. To many senders, and to the parsers of other languages, null is a field without
 * a value, which OpenRTB says by leaving it out.
 */
import { z } from 'zod';
import { type Finding, warning } from './finding.ts';
import type { Ext } from './openrtb.ts';
import { isObject } from './shapes.ts';

/** The names of all fields in the shape, of whatever object. */
export function fieldsOf(schema: unknown): string[] {
  if (schema instanceof z.ZodOptional) return fieldsOf(schema.unwrap());
  if (schema instanceof z.ZodArray) return fieldsOf(schema.element);
  if (!(schema instanceof z.ZodObject)) return [];
  return Object.entries(schema.shape).flatMap(([name, field]) => [name, ...fieldsOf(field)]);
}

/**
 * Removes the `known` fields that are null, and says where they were. What an `ext` or an unknown field
 * holds is left alone.
 * @param path where `root` is in the request; empty when it is the request.
 */
export function dropNulls(root: unknown, known: ReadonlySet<string>, path: string): Set<string> {
  const dropped = new Set<string>();
  const walkList = (items: readonly unknown[], path: string): void => {
    items.forEach((item, i) => {
      if (isObject(item)) walk(item, `${path}[${i}]`);
    });
  };
  const walk = (object: Ext, path: string): void => {
    for (const [key, member] of Object.entries(object)) {
      if (key === 'ext' && member !== null || !known.has(key)) continue;
      const at = path === '' ? key : `${path}.${key}`;
      if (member === null) {
        delete object[key];
        dropped.add(at);
      } else if (Array.isArray(member)) walkList(member, at);
      else if (isObject(member)) walk(member, at);
    }
  };
  if (isObject(root)) walk(root, path);
  return dropped;
}

/** @param nulls where {@link dropNulls} has found some */
export function nullsTaken(nulls: ReadonlySet<string>): Finding[] {
  const allowed = 'a value, or the field left out';
  return [...nulls].map((path) => warning(path, null, allowed, '2.3', 'Taken as absent'));
}

/** Errors of a shape as they were before: a required field that was null is missing now, but was null. */
export function withNulls(errors: readonly Finding[], nulls: ReadonlySet<string>): Finding[] {
  return errors.map((found) => nulls.has(found.path) ? { ...found, value: null } : found);
}
