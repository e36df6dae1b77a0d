import { expect, test } from 'vitest';
import { ConfigError, parseConfig } from './config.ts';

test.each([
  ['CLICKHOUSE_URL', 'tcp://u:secret@host:9000', '"tcp://(hidden)@host:9000": allowed is http://'],
  ['CLICKHOUSE_URL', 'http://u:se@cret/@host:8123/a/b', '"http://(hidden)@host:8123/a/b": allowed'],
  ['CLICKHOUSE_URL', 'http://host/?password=secret', '"http://host/?(hidden)": allowed'],
  ['REDIS_URL', 'http://u:secret@host', '"http://(hidden)@host": allowed is redis://'],
  ['REDIS_URL', 'redis-cluster://secret@host', '"redis-cluster://(hidden)@host": allowed is redis'],
  ['REDIS_URL', 'redis://:secret@host:x', '"redis://(hidden)@host:x": allowed is redis://'],
  ['CLICKHOUSE_TOKEN', 'secret', '(hidden): allowed is a secret of at least 24 letters'],
  ['ADMIN_KEY', 'secret', '(hidden): allowed is a secret of at least 24 characters'],
])('parseConfig() refuses %s=%s and keeps what is secret', (name, value, line) => {
  const refused = (): unknown => parseConfig({ [name]: value });
  expect(refused).toThrow(ConfigError);
  expect(refused).toThrow(`${name}=${line}`);
  expect(refused).not.toThrow(/secret(?! of)/);
});

test('parseConfig() says what is wrong with REDIS_URL', () => {
  expect(() => parseConfig({ REDIS_URL: 'redis://host:x' })).toThrow(
    'redis-cluster://host:port,host:port, and the port of host is "x", not 1 to 65535',
  );
});
