import { expect, test } from 'vitest';
import { ListenError } from './listen-error.ts';

const at = { host: '0.0.0.0', port: 80, setting: 'PORT', hostSetting: 'HOST' };

test('ListenError.from() tells what to set when a port needs privileges', () => {
  const error = ListenError.from(Object.assign(new Error('listen'), { code: 'EACCES' }), at);
  expect(error.code).toBe('not-permitted');
  expect(error.message).toBe(
    'Cannot listen on 0.0.0.0:80: no permission; set PORT to 1024 or above',
  );
});

test('ListenError.from() keeps what it does not know, and its cause', () => {
  const cause = new Error('listen EMFILE: too many open files');
  const error = ListenError.from(cause, { ...at, host: '::1' });
  expect(error.message).toBe('Cannot listen on [::1]:80: listen EMFILE: too many open files');
  expect(error.cause).toBe(cause);
});
