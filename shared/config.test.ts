import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ConfigError, isPrivateDoor, parseConfig } from './config.ts';

test.each([
  ['CLICKHOUSE_URL', 'tcp://u:secret@host:9000', '"tcp://(hidden)@host:9000": allowed is http://'],
  ['CLICKHOUSE_URL', 'http://u:se@cret/@host:8123/a/b', '"http://(hidden)@host:8123/a/b": allowed'],
  ['CLICKHOUSE_URL', 'http://host/?password=secret', '"http://host/?(hidden)": allowed'],
  ['REDIS_URL', 'http://u:secret@host', '"http://(hidden)@host": allowed is redis://'],
  ['REDIS_URL', 'redis-cluster://secret@host', '"redis-cluster://(hidden)@host": allowed is redis'],
  ['REDIS_URL', 'redis://:secret@host:x', '"redis://(hidden)@host:x": allowed is redis://'],
  ['CLICKHOUSE_TOKEN', 'secret', '(hidden): allowed is a secret of at least 24 letters'],
  ['ADMIN_KEY', 'secret', '(hidden): allowed is a secret of at least 24 ASCII characters'],
  ['ADMIN_KEY', `schlüssel${'x'.repeat(24)}`, '(hidden): allowed is a secret of at least 24 ASCII'],
  [
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    'http://u:secret@host',
    '"http://(hidden)@host": allowed is http',
  ],
  ['OTEL_EXPORTER_OTLP_HEADERS', 'secret', '(hidden): allowed is name=value'],
  ['OTEL_TRACES_SAMPLER', 'sometimes', '"sometimes": allowed is always_on, always_off'],
  ['OTEL_TRACES_SAMPLER_ARG', '2', '"2": allowed is a number from 0 to 1'],
])('parseConfig() refuses %s=%s and keeps what is secret', (name, value, line) => {
  const refused = (): unknown => parseConfig({ [name]: value });
  expect(refused).toThrow(ConfigError);
  expect(refused).toThrow(`${name}=${line}`);
  expect(refused).not.toThrow(/secret(?! of)/);
});

test('parseConfig() takes a default floor in CPM', () => {
  expect(parseConfig({}).BIDFLOOR_DEFAULT).toBe(0);
  expect(parseConfig({ BIDFLOOR_DEFAULT: '0.05' }).BIDFLOOR_DEFAULT).toBe(50_000);
  for (const text of ['-1', '0,05', '1000001', '0.0000001', 'free']) {
    expect(() => parseConfig({ BIDFLOOR_DEFAULT: text })).toThrow(
      `BIDFLOOR_DEFAULT="${text}": allowed is a price in CPM, 0 to 1000000, such as 0.05`,
    );
  }
});

test('parseConfig() says what is wrong with REDIS_URL', () => {
  expect(() => parseConfig({ REDIS_URL: 'redis://host:x' })).toThrow(
    'redis-cluster://host:port,host:port, and the port of host is "x", not 1 to 65535',
  );
});

test.each([
  ['KAFKA_BROKERS', 'm1:9092,m2:65536'],
  ['KAFKA_BROKERS', 'm1:0'],
  ['USER_PROFILE_SVC_ADDR', 'm1:99999'],
])('parseConfig() refuses %s=%s, which has no such port', (name, value) => {
  expect(() => parseConfig({ [name]: value })).toThrow(/^[A-Z_]+="[^"]+": allowed is .*host:port/);
});

test('parseConfig() refuses two topics of one name', () => {
  expect(() => parseConfig({ KAFKA_TOPIC_AD_EVENTS: 'auction_outcomes' })).toThrow(
    /^KAFKA_TOPIC_AD_EVENTS="auction_outcomes": allowed is another name than KAFKA_TOPIC_AUCTION_OUTCOMES's$/,
  );
  const swapped = { KAFKA_TOPIC_AD_EVENTS: 'live', KAFKA_TOPIC_LIVE: 'ad_events' };
  expect(parseConfig(swapped)).toMatchObject(swapped);
});

test.each([
  [{}, true],
  [{ HOST: '0.0.0.0' }, false],
  [{ HOST: '0.0.0.0', PUBLISHED_HOST: '127.0.0.1' }, true],
  [{ HOST: '0.0.0.0', PUBLISHED_HOST: '192.0.2.1' }, false],
  // Behind something that passes the world on to it.
  [{ HOST: '127.0.0.1', PUBLISHED_HOST: '192.0.2.1' }, false],
])('isPrivateDoor() goes by where the door is published: %j', (environment, expected) => {
  expect(isPrivateDoor(parseConfig(environment))).toBe(expected);
});

describe('a secret in a file', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'helios-secret-'));
    file = join(folder, 'key');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('takes a key without the line break at its end, which no header could hold', () => {
    const key = 'a'.repeat(24);
    expect(parseConfig({ ADMIN_KEY: `${key}\n` }).ADMIN_KEY).toBe(key);
    expect(() => parseConfig({ ADMIN_KEY: `${key.slice(1)}\n` })).toThrow('at least 24 ASCII');
  });

  test('parseConfig() takes it, without the line break at its end', () => {
    writeFileSync(file, 'a-long-admin-secret-of-this-test\n');
    expect(parseConfig({ ADMIN_KEY_FILE: file }).ADMIN_KEY)
      .toBe('a-long-admin-secret-of-this-test');
  });

  test('parseConfig() refuses a file that is not there', () => {
    expect(() => parseConfig({ ADMIN_KEY_FILE: file }))
      .toThrow(`ADMIN_KEY_FILE: ${file} cannot be read: ENOENT`);
  });

  test('parseConfig() refuses a file beside the setting itself', () => {
    const both = { REDIS_URL: 'redis://host', REDIS_URL_FILE: file };
    expect(() => parseConfig(both)).toThrow('REDIS_URL_FILE: REDIS_URL is set too');
  });

  test('parseConfig() judges what is in it and keeps it secret', () => {
    writeFileSync(file, 'http://u:secret@host');
    const refused = (): unknown => parseConfig({ REDIS_URL_FILE: file });
    expect(refused).toThrow('REDIS_URL="http://(hidden)@host": allowed is redis://');
    expect(refused).not.toThrow(/secret/);
  });
});

test('parseConfig() reads the lists of OpenTelemetry', () => {
  const config = parseConfig({
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20a=b, x-key = 1',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=production',
  });
  expect(config.OTEL_EXPORTER_OTLP_HEADERS).toEqual({ authorization: 'Bearer a=b', 'x-key': '1' });
  expect(config.OTEL_RESOURCE_ATTRIBUTES).toEqual({ 'deployment.environment.name': 'production' });
  expect(config.OTEL_TRACES_SAMPLER).toBe('parentbased_traceidratio');
  expect(config.OTEL_TRACES_SAMPLER_ARG).toBe(0.01);
});
