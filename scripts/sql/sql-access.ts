/** Where SQL is asked from here, and by which name and password. */
import { type Config, isLoopback } from '#shared/config.ts';
import { hostPort, openable } from '#shared/model/host-port.ts';
import { readSqlToken } from '#shared/warehouse/sql-token.ts';
import { type ClickhouseAddress, parseClickhouseUrl } from '#shared/warehouse/warehouse-url.ts';

type SqlSettings = Pick<
  Config,
  'HOST' | 'DATA_DIR' | 'CLICKHOUSE_URL' | 'CLICKHOUSE_PORT' | 'CLICKHOUSE_TOKEN'
>;

/**
 * `CLICKHOUSE_URL`, otherwise the endpoint of the exchange on this machine; undefined when that has
 * made no token yet.
 */
export async function sqlAccess(
  settings: SqlSettings,
): Promise<Omit<ClickhouseAddress, 'database'> | undefined> {
  const { HOST, DATA_DIR, CLICKHOUSE_URL, CLICKHOUSE_PORT, CLICKHOUSE_TOKEN } = settings;
  if (CLICKHOUSE_URL) return parseClickhouseUrl(CLICKHOUSE_URL) as ClickhouseAddress;
  const password = CLICKHOUSE_TOKEN ?? await readSqlToken(DATA_DIR);
  if (password === undefined) return undefined;
  const host = isLoopback(openable(HOST)) ? '127.0.0.1' : HOST;
  const origin = `http://${hostPort({ host, port: CLICKHOUSE_PORT })}`;
  return { origin, username: 'default', password };
}
