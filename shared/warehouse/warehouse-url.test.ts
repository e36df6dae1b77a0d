import { expect, test } from 'vitest';
import { parseClickhouseUrl } from './warehouse-url.ts';

test.each([
  ['http://localhost:8123', ['http://localhost:8123', 'default', '', 'default']],
  ['https://ch.example/', ['https://ch.example', 'default', '', 'default']],
  ['http://u:p%40%2F%25@[::1]:8123/ads', ['http://[::1]:8123', 'u', 'p@/%', 'ads']],
])('parseClickhouseUrl() takes %s apart', (text, [origin, username, password, database]) => {
  expect(parseClickhouseUrl(text)).toEqual({ origin, username, password, database });
});

test.each([
  ['localhost:8123', 'scheme'],
  ['tcp://localhost:9000', 'scheme'],
  ['http://', 'host or port'],
  ['http://u:secret@host:port', 'host or port'],
  ['http://host:8123/a/b', 'path'],
  ['http://host:8123/a b', 'path'],
  ['http://host:8123/?password=secret', 'after ? or #'],
  ['http://u:secret%@host:8123', '%25'],
])('parseClickhouseUrl() names what is wrong with %s', (text, part) => {
  const wrong = parseClickhouseUrl(text);
  expect(wrong).toContain(part);
  expect(wrong).not.toContain('secret');
});
