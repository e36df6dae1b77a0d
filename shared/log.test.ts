import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { describeError } from './log.ts';
import { runtimeCommand } from './runtime/runtime.ts';

test('createLog() goes on when nobody reads it any more', async () => {
  const [command, ...args] = runtimeCommand(new URL('./log.fixture.ts', import.meta.url));
  const child = spawn(command, args);
  child.stderr.destroy();
  child.stdin.end();
  expect(await once(child, 'exit')).toEqual([7, null]);
});

test('describeError() tells an error with its causes', () => {
  expect(describeError(new Error('Cannot ask', { cause: new Error('away') })))
    .toBe('Cannot ask: away');
  expect(describeError('away')).toBe('away');
});

test('describeError() says nothing twice', () => {
  const away = new Error('away', { cause: new Error('ECONNREFUSED') });
  expect(describeError(new Error('Cannot ask: away', { cause: away })))
    .toBe('Cannot ask: away: ECONNREFUSED');
  const own = new Error('of itself');
  own.cause = own;
  expect(describeError(own)).toBe('of itself');
});

test('describeError() tells the failures of all addresses of a name', () => {
  const refused = ['::1', '127.0.0.1'].map((host) => new Error(`connect ECONNREFUSED ${host}:1`));
  expect(describeError(new Error('Cannot ask', { cause: new AggregateError(refused) })))
    .toBe('Cannot ask: connect ECONNREFUSED ::1:1, connect ECONNREFUSED 127.0.0.1:1');
});
