import { Buffer } from 'node:buffer';
import { expect, test } from 'vitest';
import { adoptTraceHeader, traceHeader } from './trace-header.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const OURS = `00-${TRACE}-00f067aa0ba902b7-01`;
const THEIRS = `00-${TRACE}-1111111111111111-01`;

test('traceHeader() is what the envelope says; what has no trace has no header', () => {
  expect(traceHeader({ traceparent: OURS })).toEqual({ traceparent: OURS });
  expect(traceHeader({ traceparent: '' })).toBeUndefined();
  expect(traceHeader({ kind: 'publisher' })).toBeUndefined();
});

test.each([
  ['the span of who wrote last', OURS, THEIRS, THEIRS],
  ['a trace where the envelope names none', '', THEIRS, THEIRS],
  ['nothing of another trace', OURS, THEIRS.replaceAll('4', '5'), OURS],
  ['nothing that is no traceparent', OURS, 'nonsense', OURS],
  ['nothing where there is no header', OURS, undefined, OURS],
])('adoptTraceHeader() takes over %s', (_what, envelope, header, expected) => {
  const value = { traceparent: envelope };
  adoptTraceHeader(value, header === undefined ? {} : { traceparent: Buffer.from(header) });
  expect(value.traceparent).toBe(expected);
});
