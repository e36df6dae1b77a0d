/** One JSON line per event on standard error. */
import process from 'node:process';
import { reasonOf } from './reason.ts';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
type Fields = Record<string, unknown>;

export interface Log {
  debug(event: string, fields?: Fields): void;
  info(event: string, fields?: Fields): void;
  warn(event: string, fields?: Fields): void;
  error(event: string, fields?: Fields): void;
  /** The same log with these fields on every line. */
  with(fields: Fields): Log;
}

export function createLog(
  level: LogLevel,
  write: (line: string) => void = toStandardError,
  fields: Fields = {},
): Log {
  const least = LOG_LEVELS.indexOf(level);
  const at = (name: LogLevel) => (event: string, more?: Fields): void => {
    if (LOG_LEVELS.indexOf(name) < least) return;
    const line = { time: new Date().toISOString(), level: name, event, ...fields, ...more };
    write(JSON.stringify(line, readable) + '\n');
  };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    with: (more) => createLog(level, write, { ...fields, ...more }),
  };
}

let isHeard = false;

/** Whoever reads the log may end before us, as `tee` does by the same Ctrl-C: no reason to fail. */
function toStandardError(line: string): void {
  if (!isHeard) process.stderr.on('error', () => {});
  isHeard = true;
  process.stderr.write(line);
}

/** Errors with their causes as text; secrets never reach a line. */
function readable(key: string, value: unknown): unknown {
  if (SECRET_FIELD.test(key)) return '[redacted]';
  if (value instanceof Error) return describeError(value);
  return value;
}
const SECRET_FIELD = /secret|password|token|authorization|api-?key|admin_?key/i;

/** A failing backend fails thousands of times a second; a line a second says as much. */
const SELDOM_MS = 1_000;

/** Writes at most one line a second, the first of each; the others are left to the metrics. */
export function seldom(
  write: (event: string, more?: Fields) => void,
  clock: { now(): number },
): (event: string, more?: Fields) => void {
  let next = 0;
  return (event, more) => {
    const now = clock.now();
    if (now < next) return;
    next = now + SELDOM_MS;
    write(event, more);
  };
}

const CAUSES_MAX = 10;

/** `message: cause: cause`, without stacks, and without a cause whose words are there already. */
export function describeError(error: unknown): string {
  let text = reasonOf(error);
  let cause = causeOf(error);
  // Bounded: an error may be its own cause.
  for (let deep = 0; cause !== undefined && deep < CAUSES_MAX; deep++, cause = causeOf(cause)) {
    const reason = reasonOf(cause);
    if (!text.includes(reason)) text += `: ${reason}`;
  }
  return text;
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}
