/** A statement of an HTTP client, turned into what chDB runs. */
import { clickhouseError } from './statement-failure.ts';
import { shapeOf } from './statement.ts';
import type { RawStatement } from './warehouse.ts';

/** To run in this order, in a session of its own. */
export interface PreparedStatement {
  /** Statements that only prepare the session. */
  before: string[];
  sql: string;
  /** The format of the result. */
  format: string;
  /** Rows that must lie at the given path when `sql` runs. */
  rows: Uint8Array | undefined;
}

/** @throws {Error} with ClickHouse's words when it holds what cannot be run this way. */
export function prepareStatement(statement: RawStatement, rowsPath: string): PreparedStatement {
  const { settings, params, database, defaultFormat } = statement;
  const before = database ? [`USE ${identifier(database)}`] : [];
  const set = [
    ...Object.entries(settings),
    ...Object.entries(params).map(([name, value]) => [`param_${name}`, value] as const),
  ].map(([name, value]) => `${identifier(name)} = ${quoted(value)}`);
  if (set.length > 0) before.push(`SET ${set.join(', ')}`);
  const { sql, rows } = split(statement);
  const shape = shapeOf(sql);
  if (shape.empty) throw clickhouseError(62, 'SYNTAX_ERROR', 'Syntax error (Empty query)');
  if (shape.several) {
    throw clickhouseError(62, 'SYNTAX_ERROR', 'Syntax error (Multi-statements are not allowed)');
  }
  if (shape.file) {
    throw clickhouseError(
      358,
      'INTO_OUTFILE_NOT_ALLOWED',
      'INTO OUTFILE and FROM INFILE are not allowed: send and receive rows over HTTP',
    );
  }
  if (shape.input) {
    // chDB would store nothing, and say so to nobody.
    throw clickhouseError(
      48,
      'NOT_IMPLEMENTED',
      'INSERT … SELECT … FROM input() is not supported here: insert into a table and select from that',
    );
  }
  const format = shape.format ?? defaultFormat;
  if (rows === undefined) return { before, sql, format, rows };
  const head = sql.slice(0, shape.tailAt);
  const tail = sql.slice(shape.tailAt).replace(BARE_VALUES, 'FORMAT Values');
  return { before, sql: `${head} FROM INFILE ${quoted(rowsPath)} ${tail}`, format, rows };
}

export function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}

function identifier(name: string): string {
  return `\`${name.replace(/[\\`]/g, '\\$&')}\``;
}

interface Split {
  sql: string;
  rows: Uint8Array | undefined;
}

/** The statement without its rows, and the rows of an INSERT, wherever each of them stood. */
function split({ sql, body = NOTHING }: RawStatement): Split {
  if (sql.trim() !== '' || body.length === 0) return splitText(sql, body);
  // One character per byte, so that positions count bytes and binary rows stay what they are.
  const head = latin1.decode(body.subarray(0, HEAD_BYTES_MAX));
  const { dataAt, selects } = shapeOf(head);
  if (dataAt === undefined || selects) return splitText(utf8.decode(body), NOTHING);
  const gap = GAP.exec(head.slice(dataAt))![0].length;
  return { sql: utf8.decode(body.subarray(0, dataAt)), rows: body.subarray(dataAt + gap) };
}

/** The body goes on where the text ends. */
function splitText(sql: string, body: Uint8Array): Split {
  const { verb, dataAt, selects } = shapeOf(sql);
  if (verb !== 'INSERT' || dataAt === undefined || selects) {
    return { sql: body.length > 0 ? `${sql}\n${utf8.decode(body)}` : sql, rows: undefined };
  }
  const inline = sql.slice(dataAt).replace(GAP, '');
  return { sql: sql.slice(0, dataAt), rows: inline === '' ? body : join(encode(inline), body) };
}

function join(one: Uint8Array, other: Uint8Array): Uint8Array {
  if (other.length === 0) return one;
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** The word that stands for a format of this name. */
const BARE_VALUES = /(?<!FORMAT\s+)VALUES$/i;
/** What stands between the format and the rows: blanks, one end of line. */
const GAP = /^[ \t\f]*\r?\n?/;
/** The format of an INSERT must have been named by then. */
const HEAD_BYTES_MAX = 256 * 1024;
const NOTHING = new Uint8Array();

const latin1 = new TextDecoder('latin1');
const utf8 = new TextDecoder();
