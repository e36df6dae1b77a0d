/**
 * What is wrong with a request, for the person who sent it: where, what was there, what is allowed
 * and which text says so. One shape for every public form of a request.
 */
export interface Finding {
  /** `imp[0].banner.w`; empty for the whole body. */
  path: string;
  /** What was found there, shortened for display; absent when nothing was there. */
  value: unknown;
  /** Completes "allowed is …". */
  allowed: string;
  /** The section of OpenRTB 2.6 that demands it, or `house` where the exchange is stricter. */
  section: string;
  /** A request with an error is refused; a warning says how it was understood. */
  severity: 'error' | 'warning';
  /** What to do, where that does not follow from `allowed`. */
  fix?: string;
}

/** Findings listed for one request: enough to correct it by, few enough to read and to send. */
export const FINDINGS_MAX = 25;

/** Longest text shown of a value, in characters. */
const SHOWN_LENGTH_MAX = 80;
/** Lists and objects up to this size are shown whole when they hold plain values only. */
const SHOWN_ITEMS_MAX = 8;

/** An error that the specification's `section` (or `house`) demands. */
export function error(
  path: string,
  value: unknown,
  allowed: string,
  section: string,
  fix?: string,
): Finding {
  return make('error', path, value, allowed, section, fix);
}

/** Something odd that does not refuse the request. */
export function warning(
  path: string,
  value: unknown,
  allowed: string,
  section: string,
  fix?: string,
): Finding {
  return make('warning', path, value, allowed, section, fix);
}

export function isError(finding: Finding): boolean {
  return finding.severity === 'error';
}

/** Joins the parts of a path as people write it: `['imp', 0, 'banner']` is `imp[0].banner`. */
export function pathText(parts: readonly PropertyKey[]): string {
  let text = '';
  for (const part of parts) {
    if (typeof part === 'number') text += `[${part}]`;
    else text += text === '' ? String(part) : `.${String(part)}`;
  }
  return text;
}

/** A value as it appears in a finding: plain values as they are, large ones as a short text. */
export function shown(value: unknown): unknown {
  if (typeof value === 'object' && value !== null) return shownObject(value);
  return shownPlain(value);
}

function make(
  severity: Finding['severity'],
  path: string,
  value: unknown,
  allowed: string,
  section: string,
  fix: string | undefined,
): Finding {
  const finding: Finding = { path, value: shown(value), allowed, section, severity };
  if (fix !== undefined) finding.fix = fix;
  return finding;
}

function shownPlain(value: unknown): unknown {
  if (typeof value === 'string' && value.length > SHOWN_LENGTH_MAX) {
    return value.slice(0, SHOWN_LENGTH_MAX).toWellFormed() + '…';
  }
  // 1e999 parses as Infinity, which JSON would show as null.
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  return value;
}

function shownObject(value: object): unknown {
  const items = Array.isArray(value) ? value : Object.values(value);
  if (items.length > SHOWN_ITEMS_MAX || items.some((item) => typeof item === 'object')) {
    return Array.isArray(value) ? `[${items.length} items]` : `{${items.length} fields}`;
  }
  if (Array.isArray(value)) return items.map(shownPlain);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shownPlain(item)]));
}
