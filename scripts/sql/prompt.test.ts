import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeTables } from './describe-tables.ts';
import { runPrompt } from './prompt.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'helios-prompt-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A prompt that hands its statements to `run`; `shown` is what it wrote so far. */
function start(
  run: (statement: string, signal: AbortSignal) => Promise<void> = () => Promise.resolve(),
  terminal = false,
) {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const statements: string[] = [];
  let shown = '';
  output.on('data', (data) => shown += data);
  const ended = runPrompt({
    input,
    output,
    terminal,
    historyFile: join(folder, 'sql-history'),
    database: 'helios',
    run(statement, signal) {
      statements.push(statement);
      return run(statement, signal);
    },
  });
  return { input, ended, statements, shown: () => shown };
}

describe('runPrompt()', () => {
  it('runs statements that end in ; over one line or several, in order', async () => {
    const { input, ended, statements, shown } = start();
    input.end("SELECT 1; SELECT\n  ';'\n  , 2;\n\nSELECT 'never ended\n");
    await ended;
    expect(statements).toEqual(['SELECT 1', "SELECT\n  ';'\n  , 2"]);
    expect(shown()).toContain('   ...> ');
  });

  it('knows its commands, and ends with \\q', async () => {
    const { input, ended, statements, shown } = start();
    input.write('\\d\n\\d outcomes\n\\?\n\\q\nSELECT 1;\n');
    await ended;
    expect(statements).toEqual([
      describeTables('\\d', 'helios'),
      describeTables('\\d outcomes', 'helios'),
    ]);
    expect(shown()).toContain('Statements end with ;');
  });

  it('ends with \\q behind a statement that was not ended, too', async () => {
    const { input, ended, statements } = start();
    input.write('help\n\\q\n;\nSELECT 1;\n');
    await ended;
    expect(statements).toEqual([]);
  });

  it('forgets a begun statement, or stops the running one, on Ctrl-C', async () => {
    const running = Promise.withResolvers<void>();
    const { input, ended, statements } = start((_statement, signal) => {
      running.resolve();
      return new Promise((stopped) => signal.addEventListener('abort', () => stopped()));
    }, true);
    input.write('SELECT wrong\r');
    input.write('\x03');
    input.write('SELECT 2, a line not ended');
    input.write('\x1b[D\x03');
    input.write('SELECT 1;\r');
    await running.promise;
    input.write('\x03');
    input.write('\\q\r');
    await ended;
    expect(statements).toEqual(['SELECT 1']);
  });

  it('keeps a history between sessions, newest last', async () => {
    writeFileSync(join(folder, 'sql-history'), 'SELECT 1;\n');
    const { input, ended } = start(undefined, true);
    input.write('SELECT 2;\r');
    input.write('\\q\r');
    await ended;
    expect(readFileSync(join(folder, 'sql-history'), 'utf8')).toBe('SELECT 1;\nSELECT 2;\n\\q\n');
  });
});

describe('describeTables()', () => {
  it('asks for one table, in another database if named, and quotes', () => {
    expect(describeTables('\\d system.parts;', 'helios')).toMatch(/= 'system'\s.*= 'parts'/s);
    expect(describeTables("\\d it's", 'helios')).toContain("table = 'it\\'s'");
    expect(describeTables('\\dt', 'helios')).toBeUndefined();
    expect(describeTables('\\d a b', 'helios')).toBeUndefined();
  });
});
