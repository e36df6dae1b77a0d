/** W3C Trace Context: https://www.w3.org/TR/trace-context/ */
const PATTERN = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;
const NO_TRACE = '0'.repeat(32);
const NO_PARENT = '0'.repeat(16);

/** The caller's traceparent when it is valid, otherwise a new one. */
export function acceptTraceparent(header: string | null, random: () => string): string {
  const match = header === null ? null : PATTERN.exec(header);
  if (match && match[1] !== NO_TRACE && match[2] !== NO_PARENT) return header!;
  const hex = random();
  return `00-${hex.slice(0, 32)}-${hex.slice(32, 48)}-00`;
}

export function traceIdOf(traceparent: string): string {
  return traceparent.slice(3, 35);
}
