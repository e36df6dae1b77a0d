import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseConfig } from '#shared/config.ts';
import { runtimeCommand } from '#shared/runtime/runtime.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'helios-secrets-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const read = (name: string): string => readFileSync(join(folder, name), 'utf8');

async function make(): Promise<string> {
  const [command, ...args] = runtimeCommand(new URL('./make-secrets.ts', import.meta.url), folder);
  return (await promisify(execFile)(command, args)).stdout;
}

test('make-secrets makes what the settings take, and keeps it', async () => {
  expect(await make()).toBe(
    'made     admin-key\nmade     clickhouse-password\nmade     clickhouse-url\n',
  );
  const config = parseConfig({
    ADMIN_KEY_FILE: join(folder, 'admin-key'),
    CLICKHOUSE_TOKEN_FILE: join(folder, 'clickhouse-password'),
    CLICKHOUSE_URL_FILE: join(folder, 'clickhouse-url'),
  });
  expect(config.CLICKHOUSE_URL).toBe(`http://default:${config.CLICKHOUSE_TOKEN}@clickhouse:8123`);
  const before = read('admin-key');
  expect(await make()).toContain('is there admin-key');
  expect(read('admin-key')).toBe(before);
});

test('make-secrets takes the password that is there', async () => {
  writeFileSync(join(folder, 'clickhouse-password'), 'a-password-of-your-own-24\n');
  await make();
  expect(read('clickhouse-url')).toBe('http://default:a-password-of-your-own-24@clickhouse:8123\n');
});
