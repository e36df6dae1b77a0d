import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { describeScripts, describeSettings, SCRIPTS } from './help.ts';
import { runtimeCommand } from './load/runtime-command.ts';
import { runtimeName } from '#shared/runtime/runtime.ts';
import { COLLECTOR_FLAGS } from '#shared/runtime/garbage-collector.ts';

const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`../${name}`, import.meta.url), 'utf8'));
const npmScripts: Record<string, string> = read('package.json').scripts;
const denoTasks: Record<string, string> = read('deno.json').tasks;
const described = Object.keys(SCRIPTS).sort();

test('SCRIPTS describes every npm script and no other', () => {
  expect(Object.keys(npmScripts).sort()).toEqual(described);
});

test('SCRIPTS describes every deno task and no other', () => {
  expect(Object.keys(denoTasks).sort()).toEqual(described);
});

test.each(Object.keys(SCRIPTS))('%s runs the same file with npm and with deno', (name) => {
  const file = npmScripts[name]!.replace(/^exec sh scripts\/run /, '');
  const flags = name === 'start' ? `--v8-flags=${COLLECTOR_FLAGS.join()} ` : '';
  expect(denoTasks[name]).toBe(`deno run -A scripts/ready.mjs && deno run -A ${flags}${file}`);
  expect(() => readFileSync(new URL(`../${file.split(' ')[0]}`, import.meta.url))).not.toThrow();
});

test.each(['test', 'test:engines', 'format'])(
  '%s, whose arguments are those of another program, explains itself',
  async (name) => {
    const file = npmScripts[name]!.replace(/^exec sh scripts\/run /, '');
    const [command, ...args] = runtimeCommand(runtimeName, file);
    const { stdout } = await promisify(execFile)(command, [...args, '--help']);
    expect(stdout).toMatch(/^npm (run )?(test|test:engines|format) -- \[/);
  },
);

test('describeScripts() shows what to type', () => {
  expect(describeScripts('npm')).toMatch(/^ {2}npm start +starts the exchange/m);
  expect(describeScripts('npm')).toMatch(/^ {2}npm run test:chaos +kills/m);
  expect(describeScripts('deno')).toMatch(/^ {2}deno task start +starts the exchange/m);
});

test('describeSettings() shows default and what is allowed of each', () => {
  expect(describeSettings()).toMatch(/^ {2}PORT +a port, 0 to 65535; default 8080$/m);
  expect(describeSettings()).toMatch(/^ {2}DATA_DIR +a folder; default .\/data$/m);
  expect(describeSettings()).toMatch(/^ {2}DEMO_DATA +on, off; default on$/m);
  expect(describeSettings()).toMatch(
    /^ {2}ADMIN_KEY +a secret of at least 24 ASCII characters; unset$/m,
  );
  expect(describeSettings()).toMatch(
    /^ {2}TMAX_DEFAULT +a whole number, 10 to 10000; default 100$/m,
  );
  expect(describeSettings()).toMatch(/^ {2}DRAIN_MS +a whole number, 0 to 60000; default 0$/m);
  expect(describeSettings()).toMatch(/^ {2}PARTITIONS +a whole number, 1 to 1024; unset$/m);
  expect(describeSettings()).toMatch(
    /^ {2}CLICKHOUSE_URL +http:\/\/user:password@host:8123\/database; unset$/m,
  );
});
