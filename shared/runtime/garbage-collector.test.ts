import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { COLLECTOR_FLAGS } from './garbage-collector.ts';
import { runtimeCommand, runtimeName } from './runtime.ts';

const FIXTURE = fixture('garbage-collector');
const SHAPES = fixture('kept-shapes');
const NATIVES = ['--expose-gc', '--allow-natives-syntax'];
const TRACE = '--trace-gc-nvp';
/** Young generations are collected while modules are loaded, before the flag is set. */
const BEFORE = 3;

test('at most one thread collects the young generation', () => {
  const [program, ...args] = runtimeCommand(FIXTURE);
  const flags = runtimeName === 'deno' ? `--v8-flags=${COLLECTOR_FLAGS.join()},${TRACE}` : TRACE;
  args.splice(-1, 0, flags);
  const lines = execFileSync(program, args, { encoding: 'utf8' }).split('\n')
    .filter((line) => /\bgc"?[=:]"?s\b/.test(line)).slice(BEFORE);
  expect(lines.length).toBeGreaterThan(BEFORE);
  const pauseMs = sum(lines, 'pause');
  const workMs = sum(lines, 'scavenge.parallel') + sum(lines, 'background.scavenge.parallel');
  // With helpers the work of all of them is twice the pause and more.
  expect(workMs).toBeLessThanOrEqual(pauseMs);
});

test('the image for Deno passes the same flags', () => {
  const dockerfile = readFileSync(new URL('../../Dockerfile', import.meta.url), 'utf8');
  expect(dockerfile).toContain(`"deno", "run", "--v8-flags=${COLLECTOR_FLAGS.join()}",`);
});

test('code compiled for objects that are gone is kept', () => {
  expect(shapes('tune')).toBe('kept');
});

test('without the flags it is thrown away', () => {
  expect(shapes()).toBe('thrown away');
});

function shapes(tune?: 'tune'): string {
  const [program, ...args] = runtimeCommand(SHAPES, ...(tune ? [tune] : []));
  const flags = runtimeName === 'deno'
    ? [`--v8-flags=${[...NATIVES, ...(tune ? COLLECTOR_FLAGS : [])].join()}`]
    : NATIVES;
  args.splice(args.indexOf(SHAPES), 0, ...flags);
  return execFileSync(program, args, { encoding: 'utf8' }).trim();
}

function fixture(name: string): string {
  return fileURLToPath(new URL(`./${name}.fixture.ts`, import.meta.url));
}

/** Both runtimes print names and numbers, one of them as JSON. */
function sum(lines: readonly string[], name: string): number {
  const pattern = new RegExp(`(?<![\\w.])${name}"?[=:]([\\d.]+)`);
  return lines.reduce((total, line) => total + Number(pattern.exec(line)?.[1] ?? 0), 0);
}
