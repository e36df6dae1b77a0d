/** Texts of every message are in one piece, see `flat-text.ts`: V8 is asked, as nothing else shows it. */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { runtimeCommand, runtimeName } from '#shared/runtime/runtime.ts';

const FIXTURE = fileURLToPath(new URL('./flat-texts.fixture.ts', import.meta.url));

const folder = mkdtempSync(join(tmpdir(), 'helios-texts-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What V8 says of each text: Node's with the kind of text below, Deno's with `c"` for a joined one. */
function said(argument: string): string[] {
  const [program, ...args] = runtimeCommand(FIXTURE);
  const flag = '--allow-natives-syntax';
  args.splice(-1, 0, runtimeName === 'deno' ? `--v8-flags=${flag}` : flag);
  // V8 does not wait for a pipe that is full.
  const file = join(folder, argument);
  const output = openSync(file, 'w');
  execFileSync(program, [...args, argument], { stdio: ['ignore', output, 'inherit'] });
  closeSync(output);
  return readFileSync(file, 'utf8').split(/^(?=DebugPrint: |0x\S+ <String)/m);
}

const inPieces = (text: string): boolean => /: c"|CONS_\w*STRING|SLICED_\w*STRING/.test(text);

test('all texts of bids, fates, outcomes and rows are in one piece', () => {
  const texts = said('messages');
  for (const text of ['Won with', 'lost to a higher bid', '.0.atlas', 'abababab', '<svg']) {
    expect(texts.some((one) => one.includes(text)), text).toBe(true);
  }
  expect(texts.filter(inPieces)).toEqual([]);
});

test('the control: V8 joins and cuts texts without copying them', () => {
  expect(said('joined').filter(inPieces)).toHaveLength(runtimeName === 'node' ? 2 : 1);
});
