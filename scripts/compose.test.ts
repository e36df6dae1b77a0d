/** `npm run compose` with a Docker that only notes what it is asked. */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runtimeCommand } from './load/runtime-command.ts';
import { runtimeName } from '#shared/runtime/runtime.ts';

let folder: string;
beforeEach(() => folder = mkdtempSync(join(tmpdir(), 'helios-compose-')));
afterEach(() => rmSync(folder, { recursive: true }));

/** @param ends with what Docker ends; undefined: there is none */
function run(args: string[], ends?: number) {
  if (ends !== undefined) {
    const docker = join(folder, 'docker');
    writeFileSync(docker, `#!/bin/sh\necho "$@" >> ${join(folder, 'asked')}\nexit ${ends}\n`);
    chmodSync(docker, 0o755);
  }
  const [command, ...rest] = runtimeCommand(runtimeName, 'scripts/compose.ts');
  const path = ends === undefined ? folder : [folder, process.env['PATH']].join(delimiter);
  const { status, stdout, stderr } = spawnSync(command, [...rest, ...args], {
    encoding: 'utf8',
    env: { ...process.env, PATH: path, PORT: '18080' },
  });
  const asked = existsSync(join(folder, 'asked'))
    ? readFileSync(join(folder, 'asked'), 'utf8')
    : '';
  return { status, stdout, stderr, asked: asked.trim().split('\n') };
}

test('starts everything, waits for it, and says where it is', () => {
  const { status, stdout, asked } = run(['--load'], 0);
  expect(asked).toEqual([
    'compose version',
    'compose --profile load up --build --detach --wait',
  ]);
  expect(stdout).toContain('http://127.0.0.1:18080/');
  expect(status).toBe(0);
});

test('ends it, with what was stored where that is wanted', () => {
  expect(run(['down'], 0).asked.at(-1)).toBe('compose --profile load down');
  expect(run(['down', '--volumes'], 0).asked.at(-1)).toBe('compose --profile load down --volumes');
});

test('says in one line what is missing or wrong', () => {
  const without = run([]);
  expect(without.status).toBe(1);
  expect(without.stderr).toMatch(/^Cannot start containers: this needs Docker .*\n$/);
  expect(run(['sideways'], 0)).toMatchObject({
    status: 1,
    stderr: 'sideways: allowed is up, down\n',
  });
});
