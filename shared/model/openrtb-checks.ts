/** Checks that the rules of a request share. Each adds to `out` and costs little when all is well. */
import { error, type Finding } from './finding.ts';

/** Where rules put what they find. */
export type Out = Finding[];

/**
 * Longest identifier, in characters. Identifiers are part of every outcome, which is journalled
 * before the answer; the longest seen in practice (GPP-like placement paths, encrypted user ids)
 * have a few hundred.
 */
export const ID_LENGTH_MAX = 1024;

const AN_ID = `a string of 1 to ${ID_LENGTH_MAX} characters, without lone surrogates`;

/**
 * An identifier comes back to the sender, and keys records on the way: it must survive every
 * encoding. A lone surrogate would become U+FFFD in UTF-8, so two different ids one. `path` names
 * the object that has it as `key`.
 */
export function checkId(id: string, path: string, key: string, section: string, out: Out): void {
  if (id.length > 0) return checkIdIfAny(id, path, key, out);
  out.push(error(joined(path, key), id, AN_ID, section));
}

/** The same for an identifier that may be absent or empty. */
export function checkIdIfAny(id: string | undefined, path: string, key: string, out: Out): void {
  if (id === undefined) return;
  if (id.length <= ID_LENGTH_MAX && id.isWellFormed()) return;
  out.push(error(joined(path, key), id, AN_ID, 'house'));
}

/** Names those of `keys` that are below zero. Call it when one is. */
export function negative<T extends object>(
  object: T,
  keys: readonly (keyof T & string)[],
  path: string,
  out: Out,
): void {
  for (const key of keys) {
    const value = object[key];
    if (typeof value === 'number' && value < 0) {
      out.push(error(`${path}.${key}`, value, 'a whole number of at least 0', 'house'));
    }
  }
}

export function has(text: string | undefined): boolean {
  return text !== undefined && text !== '';
}

export function nonEmpty(list: readonly unknown[] | undefined): boolean {
  return list !== undefined && list.length > 0;
}

function joined(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}
