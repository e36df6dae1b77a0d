import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { expect, onTestFinished, test } from 'vitest';
import { openDataDir } from '#shared/runtime/data-dir.ts';
import { runtimeCommand } from '#shared/runtime/runtime.ts';

test('brokers of its own are refused beside KAFKA_BROKERS before anything starts', () => {
  const script = new URL('cluster.ts', import.meta.url);
  const [command, ...args] = runtimeCommand(script, '--brokers', '3');
  const env = { ...process.env, KAFKA_BROKERS: '127.0.0.1:1', PORT: '0' };
  const { status, stderr } = spawnSync(command, args, { env, encoding: 'utf8', timeout: 20_000 });
  expect(stderr).toBe('--brokers=3: KAFKA_BROKERS names a Kafka already, leave out one of them\n');
  expect(status).toBe(1);
});

test('a Kafka of its own begins without rows, and leaves those of one that was given', () => {
  const folder = mkdtempSync(join(tmpdir(), 'helios-cluster-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  openDataDir(folder).release();
  openDataDir(join(folder, 'cluster')).release();
  const given = join(folder, 'cluster', 'clickhouse-1');
  const own = join(folder, 'cluster', 'own-kafka', 'clickhouse-1');
  for (const rows of [given, own]) mkdirSync(rows, { recursive: true });
  const [command, ...args] = runtimeCommand(new URL('cluster.ts', import.meta.url));
  const env = {
    ...process.env,
    KAFKA_BROKERS: '',
    JAVA_HOME: '/nowhere',
    DATA_DIR: folder,
    PORT: '0',
  };
  const { stderr } = spawnSync(command, args, { env, encoding: 'utf8', timeout: 20_000 });
  expect(stderr).toContain('/nowhere/bin/java does not run');
  expect([existsSync(given), existsSync(own)]).toEqual([true, false]);
});
