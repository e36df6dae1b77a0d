import { describe, expect, test } from 'vitest';
import { parseRedisUrl, type RedisAddress, showRedisAddress } from './store-url.ts';

const plain = {
  tls: false,
  name: '',
  db: 0,
  username: undefined,
  password: undefined,
};

const RIGHT: [string, Partial<RedisAddress>][] = [
  ['redis://127.0.0.1:6380', { kind: 'single', hosts: [{ host: '127.0.0.1', port: 6380 }] }],
  ['redis://cache', { kind: 'single', hosts: [{ host: 'cache', port: 6379 }] }],
  ['redis://cache/3', { kind: 'single', hosts: [{ host: 'cache', port: 6379 }], db: 3 }],
  ['redis://cache:1/', { kind: 'single', hosts: [{ host: 'cache', port: 1 }] }],
  ['rediss://[::1]:6380', { kind: 'single', tls: true, hosts: [{ host: '::1', port: 6380 }] }],
  ['redis://:p%40ss:w@cache', {
    kind: 'single',
    hosts: [{ host: 'cache', port: 6379 }],
    password: 'p@ss:w',
  }],
  ['redis-sentinel://me:secret@a:1,b/main/2', {
    kind: 'sentinel',
    hosts: [{ host: 'a', port: 1 }, { host: 'b', port: 26379 }],
    name: 'main',
    db: 2,
    username: 'me',
    password: 'secret',
  }],
  ['redis-cluster://a:1,b:2', {
    kind: 'cluster',
    hosts: [{ host: 'a', port: 1 }, { host: 'b', port: 2 }],
  }],
];

test.each(RIGHT)('parseRedisUrl() takes %s apart', (url, parts) => {
  expect(parseRedisUrl(url)).toEqual({ ...plain, ...parts });
});

const WRONG = [
  ['', 'begins with none of redis, rediss'],
  ['127.0.0.1:6379', 'begins with none of'],
  ['http://cache', 'begins with none of'],
  ['redis://', 'a host is missing'],
  ['redis://:6379', '":6379" is no host'],
  ['redis://a b', '"a b" is no host'],
  ['redis://cache:', 'the port of cache is ""'],
  ['redis://cache:70000', 'the port of cache is "70000"'],
  ['redis://cache:x', 'the port of cache is "x"'],
  ['redis://a,b', 'several hosts are for'],
  ['redis://cache/two', 'the database "two"'],
  ['redis://cache/1/2', 'the database "1/2"'],
  ['redis://cache?db=1', 'is no host'],
  ['redis://hunter2@cache', 'before @ a password is missing'],
  ['redis://me:@cache', 'before @ a password is missing'],
  ['redis://me:hunter2%@cache', 'has a % that begins no %XX'],
  ['redis://me:hunter2@', 'a host is missing'],
  ['redis-sentinel://a:1,b:2', 'the name of the watched servers is missing'],
  ['redis-sentinel://a:1,,b:2/main', 'a host is missing'],
  ['redis-sentinel://a:1/main/x', 'the database "x"'],
  ['redis-cluster://a:1/1', 'no databases'],
] as const;

test.each(WRONG)('parseRedisUrl() says what is wrong with %j', (url, said) => {
  expect(parseRedisUrl(url)).toContain(said);
  expect(parseRedisUrl(url)).not.toContain('hunter2');
});

describe('showRedisAddress()', () => {
  test.each([
    ['redis://me:hunter2@cache', 'redis://cache:6379'],
    ['rediss://[::1]:1/4', 'rediss://[::1]:1/4'],
    ['redis-sentinel://:hunter2@a,b:2/main', 'redis-sentinel://a:26379,b:2/main'],
    ['redis-sentinel://a/main/1', 'redis-sentinel://a:26379/main/1'],
    ['redis-cluster://a:1,b:2', 'redis-cluster://a:1,b:2'],
  ])('%s is shown as %s', (url, shown) => {
    expect(showRedisAddress(parseRedisUrl(url) as RedisAddress)).toBe(shown);
  });
});
