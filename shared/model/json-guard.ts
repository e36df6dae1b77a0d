/**
 * Reads JSON from outside: bounds its structure before it is parsed. V8 parses 200,000 nested lists without
 * complaint, but `JSON.stringify` or `structuredClone` of them overflows the stack, so an `ext`
 * that merely passes through would kill a later stage.
 */

/** Deepest nesting. OpenRTB itself needs 8; the rest is for `ext`. */
export const JSON_DEPTH_MAX = 32;

/**
 * Most members and elements in all. A hundred imps with five sizes and ten fields each have
 * 3,000, a long block list 5,000; beyond that, checking would hold the process for milliseconds.
 */
export const JSON_ITEMS_MAX = 20_000;

export type JsonGuard = { ok: true } | { ok: false; reason: string };
export type JsonRead = { ok: true; value: unknown } | { ok: false; reason: string };

const OK: JsonGuard = { ok: true };
const TOO_DEEP: JsonGuard = {
  ok: false,
  reason: `JSON nested deeper than ${JSON_DEPTH_MAX} levels`,
};
const TOO_MANY: JsonGuard = {
  ok: false,
  reason: `JSON with more than ${JSON_ITEMS_MAX} members and elements`,
};

/**
 * The value of a JSON text from outside, or why it cannot be read (completes "Cannot read the
 * body: …"). Members named `__proto__` are left out at every level: harmless where they are, they
 * would replace an object's prototype wherever it is copied with `Object.assign` or key by key.
 */
export function readJson(text: string): JsonRead {
  const guard = guardJson(text);
  if (!guard.ok) return guard;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { ok: false, reason: (error as SyntaxError).message };
  }
  // The name as it is, or with any of its letters escaped. Both are short for the sake of speed.
  if (text.includes('__p') || text.includes('\\u00')) dropProto(value);
  return { ok: true, value };
}

/**
 * Whether `text` is worth parsing: not too deep, not too much. A text that is no JSON at all may
 * pass; the parser refuses it.
 */
export function guardJson(text: string): JsonGuard {
  // Most requests end here: a text with fewer opening brackets than levels cannot be too deep,
  // and one this short cannot hold too many items (each takes a character and a separator).
  if (text.length <= 2 * JSON_ITEMS_MAX && !hasMoreOpenings(text, JSON_DEPTH_MAX)) return OK;
  return scan(text);
}

/** Whether brackets open more than `most` times, those in strings included. */
function hasMoreOpenings(text: string, most: number): boolean {
  let count = 0;
  for (const bracket of ['{', '[']) {
    let at = text.indexOf(bracket);
    while (at >= 0) {
      if (++count > most) return true;
      at = text.indexOf(bracket, at + 1);
    }
  }
  return false;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
/** `{`, and `[` with the same bit set; below, `}` and `]`. */
const OPENING = 0x7b;
const CLOSING = 0x7d;

/**
 * Follows the structure, over strings in jumps. Most characters outside of strings are below the
 * brackets, so these are asked for first.
 */
function scan(text: string): JsonGuard {
  let depth = 0;
  // Every item but the first of its list or object follows a comma.
  let items = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x5a) {
      const lower = code | 0x20;
      if (lower === OPENING) {
        if (++depth > JSON_DEPTH_MAX) return TOO_DEEP;
        items++;
      } else if (lower === CLOSING) depth--;
    } else if (code === QUOTE) {
      i = endOfString(text, i);
    } else if (code === COMMA) items++;
  }
  return items > JSON_ITEMS_MAX ? TOO_MANY : OK;
}

/** Where the string that begins at `start` ends; the end of the text when it does not. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end > 0 && text.charCodeAt(end - 1) === BACKSLASH && isEscaped(text, end)) {
    end = text.indexOf('"', end + 1);
  }
  return end < 0 ? text.length : end;
}

/** A quote is escaped when an odd number of backslashes stands before it. */
function isEscaped(text: string, quote: number): boolean {
  let at = quote - 1;
  while (text.charCodeAt(at) === BACKSLASH) at--;
  return (quote - at) % 2 === 0;
}

/** As deep as the guard lets a text be, at most. */
function dropProto(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  if (Object.hasOwn(value, '__proto__')) delete (value as Record<string, unknown>)['__proto__'];
  for (const member of Object.values(value)) dropProto(member);
}
