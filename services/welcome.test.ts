import { expect, test } from 'vitest';
import { parseConfig } from '#shared/config.ts';
import { type StageName, STAGES } from '#shared/service.ts';
import { welcome } from './welcome.ts';

function printed(stages: readonly StageName[], variables: Record<string, string> = {}): string {
  const start = { runtime: 'node 26', tookMs: 500, firstRun: false };
  return welcome(parseConfig(variables), stages, start);
}

/** The names of the places a start prints. */
function places(stages: readonly StageName[], variables?: Record<string, string>): string[] {
  const lines = printed(stages, variables).split('\n');
  return lines.flatMap((line) => /^ {2}(\S.*?) {2,}/.exec(line)?.[1] ?? []);
}

test('welcome() names pages and reports where something answers them', () => {
  const inside = ['gateway', 'bidding', 'auction'] as const;
  const there = ['Page', 'Outcomes', 'Statistics'];
  const named = (names: string[]) => there.filter((name) => names.includes(name));
  expect(named(places([...inside, 'analytics', 'web']))).toEqual(there);
  expect(named(places(inside))).toEqual([]);
  const url = 'http://127.0.0.1:8090';
  expect(named(places(inside, { WEB_URL: url, ANALYTICS_URL: url }))).toEqual(there);
  expect(named(places([...inside, 'analytics']))).toEqual(['Outcomes', 'Statistics']);
  // Nobody asks the door of these for anything else.
  expect(named(places(['web'], { ANALYTICS_URL: url }))).toEqual(['Page']);
});

test('welcome() shows a first bid with a key where one is needed', () => {
  expect(printed(['gateway'])).not.toContain('x-api-key');
  expect(printed(['gateway'], { DEMO_DATA: 'off' })).toContain("-H 'x-api-key: KEY'");
  expect(printed(['gateway'], { HOST: '0.0.0.0' })).toContain("-H 'x-api-key: KEY'");
});

test('welcome() shows addresses of IPv6 that can be copied', () => {
  const config = parseConfig({ HOST: '::1', PROFILE_HOST: '::1', METRICS_HOST: '::1' });
  const text = welcome(config, STAGES, { runtime: 'a runtime', tookMs: 1, firstRun: false });
  expect(text).toContain('http://[::1]:8080/');
  expect(text).toContain('http://[::1]:2112/metrics');
  expect(text).toContain('gRPC [::1]:50051');
});
