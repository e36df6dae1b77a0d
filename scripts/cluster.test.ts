import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { expect, test } from 'vitest';
import { runtimeCommand } from '#shared/runtime/runtime.ts';

test('brokers of its own are refused beside KAFKA_BROKERS before anything starts', () => {
  const script = new URL('cluster.ts', import.meta.url);
  const [command, ...args] = runtimeCommand(script, '--brokers', '3');
  const env = { ...process.env, KAFKA_BROKERS: '127.0.0.1:1', PORT: '0' };
  const { status, stderr } = spawnSync(command, args, { env, encoding: 'utf8', timeout: 20_000 });
  expect(stderr).toBe('--brokers=3: KAFKA_BROKERS names a Kafka already, leave out one of them\n');
  expect(status).toBe(1);
});
