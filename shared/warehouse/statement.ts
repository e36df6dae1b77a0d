/**
 * What a ClickHouse statement says of its ends, found by its words alone: format, data of an
 * INSERT, a second statement. Comments, quoted texts and everything in brackets are passed over.
 */
export interface StatementShape {
  /** Nothing but blanks and comments. */
  empty: boolean;
  /** First word, in capitals. */
  verb: string;
  /** The format it names, if any; `Values` for VALUES. */
  format: string | undefined;
  /** Of an INSERT: where SETTINGS, FORMAT or VALUES begins, so that a source can be named before. */
  tailAt: number | undefined;
  /** Of an INSERT: where its own data begins, right after the format. */
  dataAt: number | undefined;
  /** An INSERT that takes its rows from a query. */
  selects: boolean;
  /** An INSERT that takes its rows from a query of the rows behind it, by the function input(). */
  input: boolean;
  /** Reads or writes a file of the engine's machine by INTO OUTFILE or FROM INFILE. */
  file: boolean;
  /** More than one statement. */
  several: boolean;
}

export function shapeOf(sql: string): StatementShape {
  const word = lookahead(topWords(sql));
  const verb = word(0)?.text ?? '';
  const shape: StatementShape = {
    empty: word(0) === undefined,
    verb,
    format: undefined,
    tailAt: undefined,
    dataAt: undefined,
    selects: false,
    input: false,
    file: false,
    several: false,
  };
  for (let i = 1, here = word(i); here !== undefined; here = word(++i)) {
    const { text, start } = here;
    const next = word(i + 1);
    if (text === ';') shape.several ||= next !== undefined && next.text !== ';';
    else if (text === 'INTO' && next?.text === 'OUTFILE') shape.file = true;
    else if (text === 'FROM' && next?.text === 'INFILE') shape.file = true;
    else if (text === 'FROM' && next?.text === 'INPUT') {
      shape.input = verb === 'INSERT' && /^\s*\(/.test(sql.slice(next.end));
    } else if (verb !== 'INSERT') {
      const last = word(i + 2)?.text ?? ';';
      if (text === 'FORMAT' && next && (last === ';' || last === 'SETTINGS')) {
        shape.format = sql.slice(next.start, next.end);
      }
    } else if (text === 'SELECT' || text === 'WITH') shape.selects = true;
    else if (text === 'SETTINGS') shape.tailAt ??= start;
    else if (text === 'VALUES' || (text === 'FORMAT' && next && i > 2)) {
      // Behind the format of an INSERT stand rows, which are no SQL.
      shape.format = text === 'VALUES' ? 'Values' : sql.slice(next!.start, next!.end);
      shape.tailAt ??= start;
      shape.dataAt = text === 'VALUES' ? here.end : next!.end;
      break;
    }
  }
  return shape;
}

/**
 * The statements of a text that are ended by `;`, without it, and what follows the last one. A
 * `;` in a quoted text or a comment ends nothing, and comments alone are no statement: they follow
 * as `rest` only where one is still open.
 */
export function splitStatements(text: string): { statements: string[]; rest: string } {
  const statements: string[] = [];
  let from = 0;
  for (const { 0: token, index } of text.matchAll(TOKENS)) {
    if (token !== ';') continue;
    const statement = text.slice(from, index).trim();
    if (!shapeOf(statement).empty) statements.push(statement);
    from = index + 1;
  }
  const rest = text.slice(from);
  const open = rest.lastIndexOf('/*') > rest.lastIndexOf('*/');
  return { statements, rest: shapeOf(rest).empty && !open ? '' : rest };
}

interface Word {
  /** In capitals; `;` for itself; empty for other signs, numbers and quoted texts. */
  text: string;
  start: number;
  end: number;
}

/**
 * Comments and blanks, quoted texts (`$tag$…$tag$` too), names, single signs. A text that is never closed goes
 * to the end, also behind a last backslash: one that fits nowhere would be tried in all its parts, for ever.
 */
const TOKENS =
  /(\s+|--[^\n]*|#[!\s][^\n]*|\/\*[\s\S]*?(?:\*\/|$))|'(?:[^'\\]+|\\[\s\S]?|'')*(?:'|$)|"(?:[^"\\]+|\\[\s\S]?)*(?:"|$)|`(?:[^`\\]+|\\[\s\S]?)*(?:`|$)|\$(?<tag>\w*)\$[\s\S]*?(?:\$\k<tag>\$|$)|([\p{L}_][\p{L}\p{N}_$]*|;)|[\s\S]/gu;

function* topWords(sql: string): Generator<Word> {
  let depth = 0;
  for (const { 0: token, 1: skipped, 3: name, index: start } of sql.matchAll(TOKENS)) {
    if (skipped !== undefined) continue;
    if ('([{'.includes(token)) depth++;
    else if (')]}'.includes(token)) depth = Math.max(0, depth - 1);
    if (depth > 0) continue;
    yield { text: name?.toUpperCase() ?? '', start, end: start + token.length };
  }
}

function lookahead<T>(source: Generator<T>): (index: number) => T | undefined {
  const seen: T[] = [];
  return (index) => {
    while (seen.length <= index) {
      const { value, done } = source.next();
      if (done) return undefined;
      seen.push(value);
    }
    return seen[index];
  };
}
