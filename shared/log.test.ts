import { expect, test } from 'vitest';
import { describeError } from './log.ts';

test('describeError() tells an error with its causes', () => {
  expect(describeError(new Error('Cannot ask', { cause: new Error('away') })))
    .toBe('Cannot ask: away');
  expect(describeError('away')).toBe('away');
});

test('describeError() tells the failures of all addresses of a name', () => {
  const refused = ['::1', '127.0.0.1'].map((host) => new Error(`connect ECONNREFUSED ${host}:1`));
  expect(describeError(new Error('Cannot ask', { cause: new AggregateError(refused) })))
    .toBe('Cannot ask: connect ECONNREFUSED ::1:1, connect ECONNREFUSED 127.0.0.1:1');
});
