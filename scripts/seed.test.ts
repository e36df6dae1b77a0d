import { spawn } from 'node:child_process';
import process from 'node:process';
import { createLog } from '#shared/log.ts';
import { createMetrics } from '#shared/metrics.ts';
import { createSqliteStore } from '#shared/store/sqlite.ts';
import { describe, expect, it } from 'vitest';
import { createProfile } from '../services/profile/app.ts';
import { PROJECT_DIR, runtimeCommand } from './load/runtime-command.ts';
import { runtimeName } from '#shared/runtime/runtime.ts';

const [program, ...args] = runtimeCommand(runtimeName, 'scripts/seed.ts');

const seed = (...flags: string[]) => seedWith({}, ...flags);

function seedWith(
  env: Record<string, string>,
  ...flags: string[]
): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(program, [...args, ...flags], {
    cwd: PROJECT_DIR,
    env: { ...process.env, ...env },
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (text) => out += text);
  child.stderr.on('data', (text) => err += text);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, out, err }));
  });
}

describe('npm run seed', () => {
  it('writes the profiles through gRPC and says how fast', async () => {
    const store = createSqliteStore({ path: ':memory:' });
    const stage = createProfile({
      store,
      host: '127.0.0.1',
      port: 0,
      log: createLog('silent'),
      metrics: createMetrics(),
      demoData: false,
    });
    await stage.start();
    const run = await seed('--profiles', '1234', '--addr', `127.0.0.1:${stage.port}`);
    expect(run).toMatchObject({ code: 0, err: '' });
    expect(run.out).toMatch(/^Wrote 1,234 profiles in \d+\.\d s \([\d,]+\/s\)\n$/m);
    expect(await store.countProfiles()).toBe(1_234);
    await stage.close();
    await store.close();
  });

  it('says in one line that nobody answers', async () => {
    const { code, err } = await seed('--profiles', '10', '--addr', '127.0.0.1:1');
    expect(code).toBe(1);
    expect(err).toMatch(/^Cannot write profiles to 127\.0\.0\.1:1: .*is the exchange running.*\n$/);
  });

  it('finds the service where its settings have it', async () => {
    const { out } = await seedWith({ PROFILE_HOST: '::1', PROFILE_PORT: '7' }, '--help');
    expect(out).toContain('default [::1]:7)');
  });

  it('refuses a wrong flag', async () => {
    const { code, err } = await seed('--profiles', 'many');
    expect(code).toBe(2);
    expect(err).toContain('--profiles=many: allowed is a whole number from 1 to 10,000,000\n');
  });
});
