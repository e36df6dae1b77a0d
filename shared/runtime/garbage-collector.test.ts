import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { YOUNG_COLLECTION_FLAG } from './garbage-collector.ts';
import { runtimeCommand, runtimeName } from './runtime.ts';

const FIXTURE = fileURLToPath(new URL('./garbage-collector.fixture.ts', import.meta.url));
const TRACE = '--trace-gc-nvp';
/** Young generations are collected while modules are loaded, before the flag is set. */
const BEFORE = 3;

test('at most one thread collects the young generation', () => {
  const [program, ...args] = runtimeCommand(FIXTURE);
  const flags = runtimeName === 'deno' ? `--v8-flags=${YOUNG_COLLECTION_FLAG},${TRACE}` : TRACE;
  args.splice(-1, 0, flags);
  const lines = execFileSync(program, args, { encoding: 'utf8' }).split('\n')
    .filter((line) => /\bgc"?[=:]"?s\b/.test(line)).slice(BEFORE);
  expect(lines.length).toBeGreaterThan(BEFORE);
  const pauseMs = sum(lines, 'pause');
  const workMs = sum(lines, 'scavenge.parallel') + sum(lines, 'background.scavenge.parallel');
  // With helpers the work of all of them is twice the pause and more.
  expect(workMs).toBeLessThanOrEqual(pauseMs);
});

test('the image for Deno passes the same flag', () => {
  const dockerfile = readFileSync(new URL('../../Dockerfile', import.meta.url), 'utf8');
  expect(dockerfile).toContain(`"deno", "run", "--v8-flags=${YOUNG_COLLECTION_FLAG}",`);
});

/** Both runtimes print names and numbers, one of them as JSON. */
function sum(lines: readonly string[], name: string): number {
  const pattern = new RegExp(`(?<![\\w.])${name}"?[=:]([\\d.]+)`);
  return lines.reduce((total, line) => total + Number(pattern.exec(line)?.[1] ?? 0), 0);
}
