/**
 * `npm run sql -- "SELECT …"` prints a table; without a statement it reads them from standard input
 * or, on a terminal, asks for them.
 */
import { join } from 'node:path';
import process from 'node:process';
import { text as readText } from 'node:stream/consumers';
import { parseConfig } from '#shared/config.ts';
import { describeError } from '#shared/log.ts';
import { splitStatements } from '#shared/warehouse/statement.ts';
import { DATABASE } from '#shared/warehouse/tables.ts';
import { parseFlags, text } from './flags.ts';
import { describeRows } from './sql/describe-rows.ts';
import { HELP, runPrompt } from './sql/prompt.ts';
import { openSqlDoor, type SqlDoor } from './sql/sql-door.ts';

const { values, rest: [statement] } = parseFlags({
  format: text(
    'format of the result, any of ClickHouse',
    'PrettyCompactMonoBlock',
    /^\w+$/,
    'a name',
  ),
  database: text('where tables are looked up', DATABASE),
}, {
  command: 'npm run sql --',
  about: `Asks the ClickHouse of the exchange that runs here (DATA_DIR, CLICKHOUSE_PORT), or the one
of CLICKHOUSE_URL: with the statement given, with those on standard input, or at a prompt. docs/sql.md has the tables.`,
  arguments: { name: '"SELECT …"', help: 'one statement', most: 1 },
});

// `| head` and the like: the reader has enough, which is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

try {
  const config = parseConfig(process.env);
  const person = process.stdin.isTTY === true && statement === undefined;
  const colours = process.stdout.isTTY === true && !process.env.NO_COLOR;
  const door = await openSqlDoor(config, { database: values.database, colours });
  if (statement !== undefined) {
    // A result without rows prints nothing, and who asks is to see that it came.
    const rows = await show(door, statement);
    if (rows === 0 && colours) console.error(describeRows(statement, rows));
  } else if (!person) await showAll(door, await readText(process.stdin));
  else await ask(door, join(config.DATA_DIR, 'sql-history'));
} catch (error) {
  console.error(describeError(error));
  process.exitCode = 1;
}

async function showAll(door: SqlDoor, input: string): Promise<void> {
  const { statements, rest } = splitStatements(input);
  for (const one of [...statements, rest]) if (one.trim() !== '') await show(door, one);
}

/** Resolves to the rows of the result. */
async function show(door: SqlDoor, one: string, signal?: AbortSignal): Promise<number> {
  const answer = await door.run(one, values.format, signal);
  for await (const bytes of answer.body ?? []) {
    if (!process.stdout.write(bytes)) {
      await new Promise((done) => process.stdout.once('drain', done));
    }
  }
  const { result_rows, written_rows } = JSON.parse(
    answer.headers.get('x-clickhouse-summary') ?? '{}',
  );
  return Number(result_rows) + Number(written_rows);
}

async function ask(door: SqlDoor, historyFile: string): Promise<void> {
  await door.run('SELECT 1', 'Null');
  console.log(HELP);
  await runPrompt({
    input: process.stdin,
    output: process.stdout,
    terminal: true,
    historyFile,
    database: values.database,
    async run(one, signal) {
      const startedAt = performance.now();
      try {
        const rows = await show(door, one, signal);
        const seconds = ((performance.now() - startedAt) / 1000).toFixed(3);
        console.log(`${describeRows(one, rows)} in ${seconds} s\n`);
      } catch (error) {
        console.error(signal.aborted ? 'Not waited for any longer' : describeError(error));
      }
    },
  });
}
