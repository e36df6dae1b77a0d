import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { prepareDirectory, refusal } from './chdb-directory.ts';

const hasFlock = spawnSync('flock', ['--version']).status === 0;

it.runIf(hasFlock)(
  'a lock is taken for the engine only when its note names the same process',
  async () => {
    const path = mkdtempSync(join(tmpdir(), 'helios-directory-'));
    const status = join(path, 'status');
    writeFileSync(status, '');
    const lock = spawn('flock', ['--no-fork', status, 'sh', '-c', 'echo locked; exec sleep 60']);
    await once(lock.stdout, 'data');
    writeFileSync(status, 'PID: 1\n');
    prepareDirectory(path);
    writeFileSync(status, `PID: ${lock.pid}\n`);
    expect(() => prepareDirectory(path)).toThrow(`process ${lock.pid} is using it`);
    lock.kill('SIGKILL');
    await once(lock, 'exit');
    prepareDirectory(path);
    rmSync(path, { recursive: true });
  },
);

it.each([
  ['CET-1CEST', 'TZ=CET-1CEST: ClickHouse knows names of time zones'],
  ['Europe/Berlin', 'its files do not load'],
  [':/etc/localtime', 'its files do not load'],
])('says when TZ=%s is to blame', (zone, reason) => {
  vi.stubEnv('TZ', zone);
  const { message } = refusal('/nowhere', undefined);
  vi.unstubAllEnvs();
  expect(message).toContain(reason);
});
