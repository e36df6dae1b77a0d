import { describe, expect, test } from 'vitest';
import { isPrivateDoor, parseConfig } from '#shared/config.ts';
import { chooseStages } from '../../services/stage-choice.ts';
import { type ClusterOptions, planCluster } from './plan.ts';

const OPTIONS: ClusterOptions = {
  kafkaBrokers: '127.0.0.1:9092',
  redisUrl: 'redis://127.0.0.1:6379',
  clickhouse: { token: 'a-secret-of-24-characters-or-more' },
  gatewayPorts: [8080, 8081],
  freePorts: Array.from({ length: 60 }, (_, index) => 20_000 + index),
  runtimes: ['node', 'deno'],
  dataDir: '/data/cluster',
};

function plan(options: Partial<ClusterOptions> = {}) {
  const { processes, ...rest } = planCluster({ ...OPTIONS, ...options });
  const named = new Map(processes.map((one) => [one.name, one]));
  return { processes, env: (name: string) => named.get(name)!.env, named, ...rest };
}

describe('planCluster()', () => {
  test('has each stage in processes of its own, in the order in which they end', () => {
    const { processes, gateways } = plan();
    expect(processes.map(({ name, runtime }) => `${name} ${runtime}`)).toEqual([
      'gateway-1 node',
      'gateway-2 deno',
      'bidding-1 node',
      'bidding-2 deno',
      'bidding-3 node',
      'auction-1 node',
      'auction-2 deno',
      'web-1 node',
      'analytics-1 node',
      'analytics-2 deno',
      'profile-1 node',
      'profile-2 deno',
      'clickhouse-1 node',
    ]);
    expect(processes.map(({ stages, role }) => stages.join(' ') === role)).not.toContain(false);
    expect(gateways).toEqual(['http://127.0.0.1:8080', 'http://127.0.0.1:8081']);
  });

  test('tells each where the others are', () => {
    const { env, named, clickhouseUrl } = plan();
    const analytics = `${named.get('analytics-1')!.url},${named.get('analytics-2')!.url}`;
    expect(env('gateway-2')).toMatchObject({
      PORT: '8081',
      GATEWAY_INDEX: '1',
      GATEWAY_COUNT: '2',
      ANALYTICS_URL: analytics,
      WEB_URL: named.get('web-1')!.url,
      KAFKA_BROKERS: '127.0.0.1:9092',
      REDIS_URL: 'redis://127.0.0.1:6379',
      CLICKHOUSE_URL: '',
      LOCAL_TOPICS: '',
    });
    expect(env('web-1')).toMatchObject({ ANALYTICS_URL: analytics, KAFKA_BROKERS: '' });
    expect(env('analytics-1').CLICKHOUSE_URL).toBe(clickhouseUrl);
    const { CLICKHOUSE_PORT, CLICKHOUSE_TOKEN } = env('clickhouse-1');
    expect(clickhouseUrl).toBe(`http://default:${CLICKHOUSE_TOKEN}@127.0.0.1:${CLICKHOUSE_PORT}`);
    const groups = ['bidding-1', 'bidding-2', 'bidding-3'].map(env);
    expect(groups.map(({ BIDDING_GROUP }) => BIDDING_GROUP)).toEqual([
      'house',
      'house',
      'partners',
    ]);
    const profiles = ['profile-1', 'profile-2', 'profile-1'].map((name) =>
      `127.0.0.1:${env(name).PROFILE_PORT}`
    );
    expect(groups.map(({ USER_PROFILE_SVC_ADDR }) => USER_PROFILE_SVC_ADDR)).toEqual(profiles);
  });

  test('leaves each setting that names an engine by another way unset', () => {
    const { processes } = plan();
    const file = '/run/secrets/none';
    const set = { REDIS_URL_FILE: file, CLICKHOUSE_URL_FILE: file, CLICKHOUSE_TOKEN_FILE: file };
    for (const { env, stages } of processes) {
      const config = parseConfig({ ...set, PUBLISHED_HOST: '192.0.2.1', ...env });
      expect(chooseStages(stages, config).toSorted()).toEqual(stages.toSorted());
      expect(isPrivateDoor(config)).toBe(true);
    }
  });

  test('gives no port twice and each its own folder', () => {
    const { processes } = plan();
    const ports = processes.flatMap(({ env }) =>
      ['PORT', 'METRICS_PORT', 'PROFILE_PORT', 'CLICKHOUSE_PORT'].flatMap((name) => env[name] ?? [])
    );
    expect(new Set(ports).size).toBe(ports.length);
    const folders = processes.map(({ env }) => env.DATA_DIR);
    expect(new Set(folders).size).toBe(processes.length);
    expect(folders).toContain('/data/cluster/clickhouse-1');
  });

  test('hosts gateway, bidding and auction together when it is fused', () => {
    const { processes, env } = plan({ fused: true, gatewayPorts: [8080, 8081, 20_100] });
    expect(processes.map(({ name }) => name).slice(0, 4)).toEqual([
      'node-1',
      'node-2',
      'node-3',
      'web-1',
    ]);
    expect(processes[2]!.stages).toEqual(['gateway', 'bidding', 'auction']);
    expect(env('node-3')).toMatchObject({
      PORT: '20100',
      GATEWAY_INDEX: '2',
      GATEWAY_COUNT: '3',
      LOCAL_TOPICS: 'bid_requests,bid_responses',
      BIDDING_GROUP: '',
      USER_PROFILE_SVC_ADDR: `127.0.0.1:${env('profile-1').PROFILE_PORT}`,
    });
  });

  test('takes a ClickHouse that is there, other numbers and more settings', () => {
    const { processes, env, clickhouseUrl } = plan({
      clickhouse: { url: 'http://db:8123' },
      counts: { profile: 1, analytics: 1, auction: 3 },
      biddingGroups: ['house'],
      env: { LOG_LEVEL: 'debug', PORT: '1' },
      runtimes: ['deno'],
    });
    expect(clickhouseUrl).toBe('http://db:8123');
    expect(processes.map(({ name }) => name)).toEqual([
      'gateway-1',
      'gateway-2',
      'bidding-1',
      'auction-1',
      'auction-2',
      'auction-3',
      'web-1',
      'analytics-1',
      'profile-1',
    ]);
    expect(env('auction-3').LOG_LEVEL).toBe('debug');
    expect(env('gateway-1').PORT).toBe('8080');
    expect(new Set(processes.map(({ runtime }) => runtime))).toEqual(new Set(['deno']));
  });

  test('refuses too few ports', () => {
    expect(() => plan({ freePorts: [1, 2, 3] })).toThrow('Cannot plan: 3 ports are too few');
  });
});
