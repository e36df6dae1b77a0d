/** The set-up as a newcomer meets it, in a folder of its own and with an npm that is quick. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findRuntime } from './checks/toolchain.ts';

const SCRIPTS = fileURLToPath(new URL('.', import.meta.url));
const found = findRuntime('node');
if (typeof found === 'string') throw new Error(`These tests need Node: ${found}`);
const NODE = resolve(found.command);

/** Installs what the lock file names, as empty folders; NPM_DOES makes it fail in the ways npm does. */
const NPM = `#!${NODE}
const { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } = require('node:fs');
appendFileSync('npm-calls', process.argv.slice(2).join(' ') + '\\n');
const does = process.env.NPM_DOES;
if (does === 'fail') {
  console.error(process.env.NPM_SAYS ?? 'npm error code E500');
  process.exit(1);
}
const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
delete packages[''];
if (does === 'omit') delete packages['node_modules/engine'];
for (const path in packages) mkdirSync(path, { recursive: true });
if (does === 'hang') setInterval(() => {}, 1e6);
else writeFileSync('node_modules/.package-lock.json', JSON.stringify({ packages }));
`;

let folder: string;
const at = (...names: string[]) => join(folder, ...names);
/** Whole lines only: the file is there a moment before its first line is. */
const npmCalls = () =>
  existsSync(at('npm-calls')) ? readFileSync(at('npm-calls'), 'utf8').split('\n').slice(0, -1) : [];

beforeEach(() => {
  // As a home may be called: all of this holds there, too.
  folder = mkdtempSync(join(tmpdir(), 'helios ready ü-'));
  cpSync(SCRIPTS, at('scripts'), { recursive: true });
  mkdirSync(at('bin'));
  writeFileSync(at('bin', 'npm'), NPM);
  chmodSync(at('bin', 'npm'), 0o755);
  symlinkSync(NODE, at('bin', 'node'));
  writeLock('1.0.0');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('ready installs what is missing, says so, and has nothing to do the next time', async () => {
  const first = await ready();
  expect(first).toMatchObject({
    code: 0,
    output: expect.stringMatching(/^Installing 2 packages.*\nInstalled in/s),
  });
  expect(await ready()).toEqual({ code: 0, output: '' });
  expect(npmCalls()).toEqual([expect.stringMatching(/^ci --ignore-scripts/)]);
});

test('ready installs again when the lock file has changed', async () => {
  await ready();
  writeLock('1.0.1');
  expect((await ready()).output).toContain('Installing');
  expect(npmCalls()).toHaveLength(2);
});

test('ready takes what was installed by hand', async () => {
  await ready();
  rmSync(at('node_modules', '.helios-ready'));
  expect(await ready()).toEqual({ code: 0, output: '' });
  expect(npmCalls()).toHaveLength(1);
});

test.each([
  [
    'npm error code ENOTFOUND\nnpm error syscall getaddrinfo\nnpm error request to https://r/zod failed',
    'the package registry cannot be reached',
    'request to https://r/zod failed',
  ],
  [
    'error: Failed loading https://r/npm\n\nCaused by:\n    client error (Connect): dns error',
    'the package registry cannot be reached',
    'Failed loading https://r/npm',
  ],
  [
    'error: Failed loading https://r/npm\n  client error (Connect): invalid peer certificate: Unknown',
    'the certificate of the registry is not trusted',
    'Failed loading https://r/npm',
  ],
  ['npm warn x\nnpm error nospc ENOSPC: no space left', 'the disk is full', 'nospc ENOSPC'],
  ['something new', 'npm ended with code 1', 'something new'],
])(
  'ready explains a failure of npm and tries again the next time (%#)',
  async (says, cause, said) => {
    const { code, output } = await ready({ NPM_DOES: 'fail', NPM_SAYS: says });
    expect(code).toBe(1);
    expect(output).toContain(`Cannot install the packages: ${cause}\n  npm says: ${said}`);
    expect(output).not.toMatch(/^\s+at /m);
    expect((await ready()).code).toBe(0);
  },
);

test('ready names a package of this platform that npm silently left out', async () => {
  const { code, output } = await ready({ NPM_DOES: 'omit' });
  expect(code).toBe(1);
  expect(output).toContain('npm did not get engine 1.0.0');
  expect((await ready()).code).toBe(0);
});

test('ready stops npm when it is told to stop, and begins anew the next time', async () => {
  const child = start(NODE, ['scripts/ready.mjs'], { NPM_DOES: 'hang' });
  await once(createInterface(child.stderr!), 'line');
  while (npmCalls().length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  process.kill(child.pid!, 'SIGTERM');
  const [code] = await once(child, 'close');
  expect(code).toBe(143);
  expect((await ready()).code).toBe(0);
  expect(npmCalls()).toHaveLength(2);
});

test('ready installs once when two starts come at the same time', async () => {
  const results = await Promise.all([ready(), ready()]);
  expect(results.map(({ code }) => code)).toEqual([0, 0]);
  expect(npmCalls()).toHaveLength(1);
});

test('ready says so where it cannot write', async () => {
  // A file in the place of its folder, since to root nothing is forbidden.
  writeFileSync(at('.cache'), '');
  expect(await ready()).toEqual({
    code: 1,
    output: expect.stringMatching(
      /^\nCannot set up in this folder: .*\n {2}Check who owns it.*\n$/,
    ),
  });
});

test('run becomes the program: arguments, exit code and signals are its own', async () => {
  await ready();
  writeFileSync(
    at('program.mjs'),
    `process.on('SIGTERM', () => process.exit(7));
     setInterval(() => {}, 1e6);
     console.log(process.argv.slice(2).join('|'));`,
  );
  mkdirSync(at('node_modules', '.bin'));
  symlinkSync(NODE, at('node_modules', '.bin', 'node'));
  const child = start('sh', ['scripts/run', 'program.mjs', 'a b', 'c']);
  const [line] = await once(createInterface(child.stdout!), 'line');
  expect(line).toBe('a b|c');
  process.kill(child.pid!, 'SIGTERM');
  expect(await once(child, 'close')).toEqual([7, null]);
});

test('run does not start the program when the set-up fails', async () => {
  const child = start('sh', ['scripts/run', 'none.mjs'], { NPM_DOES: 'fail' });
  const output = text(child.stderr!);
  expect(await once(child, 'close')).toEqual([1, null]);
  expect(await output).not.toContain('none.mjs');
});

function writeLock(version: string): void {
  const other = process.platform === 'linux' ? 'darwin' : 'linux';
  const packages = {
    '': {},
    'node_modules/plain': { version },
    'node_modules/engine': { version, optional: true, os: [process.platform], cpu: [process.arch] },
    'node_modules/elsewhere': { version, optional: true, os: [other] },
  };
  writeFileSync(at('package-lock.json'), JSON.stringify({ packages }));
}

function start(command: string, args: string[], env: Record<string, string> = {}): ChildProcess {
  const PATH = [at('bin'), '/usr/bin', '/bin', dirname(process.execPath)].join(delimiter);
  return spawn(command, args, { cwd: folder, env: { ...process.env, PATH, ...env } });
}

async function ready(env: Record<string, string> = {}): Promise<{ code: number; output: string }> {
  const child = start(NODE, ['scripts/ready.mjs'], env);
  const output = text(child.stderr!);
  const [code] = await once(child, 'close');
  return { code, output: await output };
}
