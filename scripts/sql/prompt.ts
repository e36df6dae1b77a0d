/** The interactive prompt: statements over several lines, a history, and a few commands. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { splitStatements } from '#shared/warehouse/statement.ts';
import { describeTables } from './describe-tables.ts';

export const HELP = `Statements end with ; and may go over several lines.
\\d          tables        \\d TABLE    its columns
\\q          ends          \\?          this help
Ctrl-C leaves the statement being written, or stops waiting for the one that runs`;

/** Lines kept: months of work, a few hundred kB. */
const HISTORY_MAX = 2_000;
const FIRST = 'helios> ';
const NEXT = '   ...> ';
const QUIT = /^\\q;?$/;

export interface PromptOptions {
  input: NodeJS.ReadableStream;
  output: NodeJS.WritableStream;
  /** A person types: line editing and colours. */
  terminal: boolean;
  /** Kept between sessions, when its folder exists. */
  historyFile: string;
  database: string;
  /** Shows the result of one statement, or why there is none; never rejects. */
  run(statement: string, signal: AbortSignal): Promise<void>;
}

/** Resolves when the person leaves. */
export function runPrompt(options: PromptOptions): Promise<void> {
  const { input, output, terminal, historyFile } = options;
  const editor = createInterface({
    input,
    output,
    terminal,
    prompt: FIRST,
    historySize: HISTORY_MAX,
    history: readHistory(historyFile),
    removeHistoryDuplicates: true,
  });
  const prompt = new Prompt(editor, options);
  editor.on('line', (line) => void prompt.take(line));
  editor.on('SIGINT', () => prompt.interrupt());
  let history: string[] | undefined;
  editor.on('history', (lines: string[]) => history = lines);
  editor.prompt();
  return new Promise((resolve) => {
    editor.on('close', () => {
      if (history) writeHistory(historyFile, history);
      void prompt.leave().then(resolve);
    });
  });
}

class Prompt {
  readonly #editor: Interface;
  readonly #options: PromptOptions;
  #written = '';
  #running: AbortController | undefined;
  #last: Promise<void> = Promise.resolve();
  /** No more lines come. */
  #ended = false;
  #quit = false;

  constructor(editor: Interface, options: PromptOptions) {
    this.#editor = editor;
    this.#options = options;
  }

  /** Lines that come while a statement runs (pasted ones) wait for it. */
  take(line: string): Promise<void> {
    this.#last = this.#last.then(() => this.#line(line));
    return this.#last;
  }

  /** No more lines come; resolves when those that came are done with. */
  leave(): Promise<void> {
    this.#ended = true;
    return this.#last;
  }

  interrupt(): void {
    if (this.#running) return this.#running.abort();
    // At once: what is typed next must find an empty line.
    this.#editor.write(null, { ctrl: true, name: 'e' });
    this.#options.output.write('\n');
    this.#editor.write(null, { ctrl: true, name: 'u' });
    this.#last = this.#last.then(() => {
      this.#written = '';
      this.#show();
    });
  }

  async #line(line: string): Promise<void> {
    if (this.#quit) return;
    const begins = this.#written === '' && line.trimStart().startsWith('\\');
    // Whoever left out the ; can leave all the same.
    if (begins || QUIT.test(line.trim())) await this.#command(line.trim());
    else {
      this.#written += `${line}\n`;
      const { statements, rest } = splitStatements(this.#written);
      this.#written = rest.trim() === '' ? '' : rest;
      for (const statement of statements) await this.#run(statement);
    }
    this.#show();
  }

  async #command(command: string): Promise<void> {
    if (QUIT.test(command)) {
      this.#quit = true;
      return this.#editor.close();
    }
    const statement = describeTables(command, this.#options.database);
    if (statement === undefined) this.#options.output.write(`${HELP}\n`);
    else await this.#run(statement);
  }

  async #run(statement: string): Promise<void> {
    this.#running = new AbortController();
    await this.#options.run(statement, this.#running.signal);
    this.#running = undefined;
  }

  #show(): void {
    if (this.#ended) return;
    this.#editor.setPrompt(this.#written === '' ? FIRST : NEXT);
    this.#editor.prompt();
  }
}

/** Newest first, as the editor has it; the file has the newest last. */
function readHistory(file: string): string[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8').split('\n').filter((line) => line !== '').reverse();
}

function writeHistory(file: string, history: readonly string[]): void {
  if (!existsSync(dirname(file))) return;
  const lines = history.slice(0, HISTORY_MAX).toReversed().map((line) => `${line}\n`);
  writeFileSync(file, lines.join(''), { mode: 0o600 });
}
