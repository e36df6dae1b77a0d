import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { runtimeCommand, runtimeName } from './runtime.ts';

const FIXTURE = fileURLToPath(new URL('./http-shapes.fixture.ts', import.meta.url));
const FLAGS = ['--expose-gc', '--allow-natives-syntax'];

test('settleHttpShapes() keeps requests and responses quick, whatever is collected meanwhile', () => {
  expect(shapes('settle')).toBe('[true,true]');
});

test('without it, responses become hash tables', () => {
  expect(shapes()).toMatch(/false\]$/);
});

function shapes(...args: string[]): string {
  const [program, ...rest] = runtimeCommand(FIXTURE, ...args);
  const flags = runtimeName === 'deno' ? [`--v8-flags=${FLAGS.join(',')}`] : FLAGS;
  rest.splice(rest.indexOf(FIXTURE), 0, ...flags);
  return execFileSync(program, rest, { encoding: 'utf8' }).trim();
}
