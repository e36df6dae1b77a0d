import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isDataDir, openDataDir } from '#shared/runtime/data-dir.ts';
import { runtimeCommand } from '#shared/runtime/runtime.ts';

let folder: string;
let journal: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'helios-reset-'));
  journal = join(folder, 'journal.db');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('reset shows what is there and deletes it after a yes', async () => {
  fill();
  mkdirSync(join(folder, 'lost+found'));
  const { code, output } = await reset([], 'yes\n');
  expect(output).toMatch(/1\.5 MB {2}.*journal\.db/);
  expect(output).toContain('Type yes to delete: ');
  expect(code).toBe(0);
  expect(readdirSync(folder)).toEqual(['lost+found']);
  openDataDir(folder).release();
});

test('reset deletes last what says that the folder is one, and its lock', async () => {
  fill();
  mkdirSync(join(folder, 'warehouse'));
  const { output } = await reset(['--yes'], '');
  const names = [...output.matchAll(/ {2}.*[/\\](\S+)$/gm)].map(([, name]) => name);
  expect(names.indexOf('helios.json')).toBeGreaterThan(names.indexOf('warehouse'));
  expect(names.indexOf('lock.db')).toBeGreaterThan(names.indexOf('helios.json'));
  expect(names).toContain('journal.db');
});

test.each([['no', 'no\n'], ['an empty line', '\n'], ['the end of its input', '']])(
  'reset keeps everything after %s',
  async (_what, input) => {
    fill();
    const { code, output } = await reset([], input);
    expect(code).toBe(1);
    expect(output).toContain('Nothing was deleted');
    expect(existsSync(journal)).toBe(true);
  },
);

test('reset --yes does not ask', async () => {
  fill();
  const { code, output } = await reset(['--yes'], '');
  expect(code).toBe(0);
  expect(output).not.toContain('Type yes');
  expect(existsSync(journal)).toBe(false);
});

test('reset refuses a folder that is not a data directory', async () => {
  writeFileSync(journal, 'somebody else');
  const { code, output } = await reset(['--yes'], '');
  expect(code).toBe(1);
  expect(output).toContain(`Cannot delete ${folder}: it is not a data directory of Helios`);
  expect(existsSync(journal)).toBe(true);
});

test('reset refuses while an exchange has the folder', async () => {
  const dataDir = fill({ release: false });
  const { code, output } = await reset(['--yes'], '');
  dataDir.release();
  expect(code).toBe(1);
  expect(output).toContain(`it is in use by process ${process.pid}`);
  expect(existsSync(journal)).toBe(true);
  expect(isDataDir(folder)).toBe(true);
});

test('reset refuses while a cluster has the folder within, and deletes that too afterwards', async () => {
  fill();
  const cluster = openDataDir(join(folder, 'cluster'));
  openDataDir(join(cluster.path, 'clickhouse-1')).release();
  const refused = await reset(['--yes'], '');
  cluster.release();
  expect(refused.code).toBe(1);
  expect(refused.output).toContain(`${cluster.path}: it is in use by process ${process.pid}`);
  expect(existsSync(journal)).toBe(true);
  expect(isDataDir(cluster.path)).toBe(true);
  expect((await reset(['--yes'], '')).code).toBe(0);
  expect(readdirSync(folder)).toEqual([]);
});

test('reset has nothing to do where nothing is', async () => {
  rmSync(folder, { recursive: true });
  const { code, output } = await reset([], '');
  expect(code).toBe(0);
  expect(output).toContain('Nothing to delete');
  expect(existsSync(folder)).toBe(false);
});

/** Makes the folder a data directory with a journal in it. */
function fill({ release = true } = {}) {
  const dataDir = openDataDir(folder);
  writeFileSync(journal, 'x'.repeat(1_500_000));
  if (release) dataDir.release();
  return dataDir;
}

async function reset(args: string[], input: string): Promise<{ code: number; output: string }> {
  const [command, ...rest] = runtimeCommand(new URL('./reset.ts', import.meta.url), ...args);
  const child = spawn(command, rest, { env: { ...process.env, DATA_DIR: folder } });
  const outputs = Promise.all([text(child.stdout), text(child.stderr)]);
  child.stdin.end(input);
  const [code] = await once(child, 'close');
  return { code, output: (await outputs).join('') };
}
