import { expect, test } from 'vitest';
import { ConfigError, parseConfig } from './config.ts';

test.each([
  ['CLICKHOUSE_URL', 'tcp://u:secret@host:9000', '"tcp://(hidden)@host:9000": allowed is http://'],
  ['CLICKHOUSE_URL', 'http://u:se@cret/@host:8123/a/b', '"http://(hidden)@host:8123/a/b": allowed'],
  ['CLICKHOUSE_URL', 'http://host/?password=secret', '"http://host/?(hidden)": allowed'],
  ['CLICKHOUSE_TOKEN', 'secret', '(hidden): allowed is a secret of at least 24 letters'],
  ['ADMIN_KEY', 'secret', '(hidden): allowed is a secret of at least 24 characters'],
])('parseConfig() refuses %s=%s and keeps what is secret', (name, value, line) => {
  const refused = (): unknown => parseConfig({ [name]: value });
  expect(refused).toThrow(ConfigError);
  expect(refused).toThrow(`${name}=${line}`);
  expect(refused).not.toThrow(/secret(?! of)/);
});
