/** The SQL endpoint, of the exchange on this machine or a server, as the scripts ask it. */
import { describeError } from '#shared/log.ts';
import { type Config, isLoopback } from '#shared/config.ts';
import { sqlAccess } from './sql-access.ts';

/** What a person sees of a failure, in one line. */
class SqlError extends Error {
  override name = 'SqlError';
}

export interface SqlDoor {
  /** Runs one statement; the answer's body is what ClickHouse wrote. */
  run(statement: string, format: string, signal?: AbortSignal): Promise<Response>;
}

/**
 * @throws {SqlError} when the data directory has no token: the exchange never ran with it.
 */
export async function openSqlDoor(
  config: Config,
  { database, colours }: { database: string; colours: boolean },
): Promise<SqlDoor> {
  const { DATA_DIR, HOST, CLICKHOUSE_URL, CLICKHOUSE_TOKEN } = config;
  const access = await sqlAccess(config);
  if (access === undefined) {
    throw new SqlError(`There is no sql-token in ${DATA_DIR}: start Helios there with npm start`);
  }
  const url = new URL(access.origin);
  for (const [name, value] of Object.entries(PRETTY)) url.searchParams.set(name, value);
  url.searchParams.set('output_format_pretty_color', colours ? '1' : '0');
  url.searchParams.set('database', database);
  return {
    async run(statement, format, signal) {
      url.searchParams.set('default_format', format);
      const headers = {
        'x-clickhouse-user': access.username,
        'x-clickhouse-key': access.password,
      };
      let answer: Response;
      try {
        answer = await fetch(url, {
          method: 'POST',
          body: statement,
          headers,
          signal: signal ?? null,
        });
      } catch (error) {
        if (signal?.aborted) throw error;
        const off = !CLICKHOUSE_TOKEN && !isLoopback(HOST);
        const advice = CLICKHOUSE_URL ? 'it is what CLICKHOUSE_URL says' : off ? OFF : START;
        throw new SqlError(`Nothing answers at ${url.origin}: ${advice} (${reason(error)})`);
      }
      if (!answer.ok) throw new SqlError(readable(await answer.text(), answer.status));
      return answer;
    },
  };
}

const START = 'start Helios with npm start';
const OFF = 'SQL is off, as HOST is not a loopback address and CLICKHOUSE_TOKEN is not set';

/** Tables of people: all rows asked for, without numbers beside them. */
const PRETTY = {
  output_format_pretty_row_numbers: '0',
  output_format_pretty_max_rows: '10000',
  output_format_pretty_max_value_width: '300',
  output_format_pretty_max_value_width_apply_for_single_value: '0',
};

function reason(error: unknown): string {
  return describeError(error instanceof Error && error.cause ? error.cause : error);
}

/** `Code: 62. DB::Exception: Syntax error…. (SYNTAX_ERROR)` in one line for people. */
function readable(text: string, status: number): string {
  // ClickHouse lists every word it knows after an unknown one.
  const line = text.replace(/\s+/g, ' ').trim().replace(/\. Expected one of: .{200,}( \()/, '.$1');
  const match = /^Code: (\d+)\. DB::Exception: (.*?)\.? \(([A-Z_]+)\)$/.exec(line);
  if (!match) return line || `The SQL endpoint answered ${status}`;
  return `Error ${match[1]} (${match[3]}): ${match[2]}`;
}
