import { expect, test } from 'vitest';
import { acceptTraceparent, isSampled } from './trace.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

test.each([
  ['01', true],
  ['00', false],
  ['03', true],
  ['02', false],
  ['0a', false],
  ['0b', true],
  ['ff', true],
])('isSampled() reads the lowest bit of the flags %s', (flags, sampled) => {
  expect(isSampled(`00-${TRACE}-${SPAN}-${flags}`)).toBe(sampled);
});

test('isSampled() is false of what is no traceparent', () => {
  expect(['', '01', `00-${TRACE}-${SPAN}-01-more`].some(isSampled)).toBe(false);
});

test.each([null, '', `00-${'0'.repeat(32)}-${SPAN}-01`, `00-${TRACE}-${'0'.repeat(16)}-01`, 'x'])(
  'acceptTraceparent() begins a trace instead of %j, which nobody keeps',
  (header) => {
    const made = acceptTraceparent(header, () => TRACE + SPAN);
    expect(made).toBe(`00-${TRACE}-${SPAN}-00`);
  },
);
