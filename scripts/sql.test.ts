import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLog } from '#shared/log.ts';
import { listen } from '#shared/runtime/http-server.ts';
import { runtimeCommand } from '#shared/runtime/runtime.ts';
import type { Service } from '#shared/service.ts';
import { createChdbWarehouse } from '#shared/warehouse/chdb.ts';
import { openSqlToken } from '#shared/warehouse/sql-token.ts';
import { createTables } from '#shared/warehouse/tables.ts';
import type { Warehouse } from '#shared/warehouse/warehouse.ts';
import { createClickhouse } from '../services/clickhouse/app.ts';
import { describeTables } from './sql/describe-tables.ts';

const folder = mkdtempSync(join(tmpdir(), 'helios-sql-script-'));
let warehouse: Warehouse;
let stage: Service;
let token: string;
let port = 0;

beforeAll(async () => {
  warehouse = await createChdbWarehouse({
    path: join(folder, 'warehouse'),
    onError: console.error,
  });
  await createTables(warehouse);
  token = await openSqlToken(folder);
  stage = createClickhouse({
    warehouse,
    host: '127.0.0.1',
    port: 0,
    token,
    log: createLog('silent'),
    async listen(options) {
      const listener = await listen(options);
      port = listener.port;
      return listener;
    },
  });
  await stage.start();
});
afterAll(async () => {
  await stage.close();
  await warehouse.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Run {
  code: number | null;
  out: string;
  err: string;
}

function sql(
  args: string[],
  { input = '', dataDir = folder, at = port, more = {} } = {},
): Promise<Run> {
  const [command, ...rest] = runtimeCommand(new URL('./sql.ts', import.meta.url), ...args);
  const env = { ...process.env, DATA_DIR: dataDir, CLICKHOUSE_PORT: String(at), ...more };
  const child = spawn(command, rest, { env });
  const run: Run = { code: null, out: '', err: '' };
  child.stdout.on('data', (text) => run.out += text);
  child.stderr.on('data', (text) => run.err += text);
  child.stdin.end(input);
  return new Promise((resolve) => child.on('close', (code) => resolve({ ...run, code })));
}

describe('npm run sql', () => {
  it('prints one aligned table, numbers to the right', async () => {
    const { code, out, err } = await sql([
      "SELECT arrayJoin([1, 1000]) AS n, if(n = 1, 'one', 'more') AS name",
    ]);
    expect([code, err]).toEqual([0, '']);
    expect(out).toBe([
      '┌────n─┬─name─┐',
      '│    1 │ one  │',
      '│ 1000 │ more │',
      '└──────┴──────┘',
      '',
    ].join('\n'));
  });

  it('prints any format of ClickHouse', async () => {
    const { out } = await sql(['SELECT 1 AS a, 2 AS b', '--format', 'CSVWithNames']);
    expect(out).toBe('"a","b"\n1,2\n');
  });

  it('runs every statement of its standard input, and stops at one that fails', async () => {
    const input = "SELECT 'one;';\nSELEC two;\nSELECT 3;";
    const { code, out, err } = await sql(['--format=TSV'], { input });
    expect([code, out]).toEqual([1, 'one;\n']);
    expect(err).toMatch(/^Error 62 \(SYNTAX_ERROR\): Syntax error: .*SELEC two[^\n]*\n$/);
  });

  it('looks tables up in helios', async () => {
    const { out } = await sql(['SELECT count() FROM outcomes', '--format', 'TSV']);
    expect(out).toBe('0\n');
  });

  it('explains itself, and names a wrong flag', async () => {
    expect(await sql(['--help'])).toMatchObject({
      code: 0,
      out: expect.stringContaining('--format'),
    });
    expect(await sql(['--formt=CSV'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('--formt: allowed is --format'),
    });
  });

  it('asks the server of CLICKHOUSE_URL, and says when that does not answer', async () => {
    const at = (url: string) =>
      sql(['SELECT 1', '--format=TSV'], { more: { CLICKHOUSE_URL: url } });
    const address = (password: string) => `http://default:${password}@127.0.0.1:${port}`;
    expect(await at(address(token))).toMatchObject({ code: 0, out: '1\n' });
    expect((await at(address('guessed'))).err).toContain('Error 516 (AUTHENTICATION_FAILED)');
    expect((await at('http://127.0.0.1:1')).err).toMatch(
      /^Nothing answers at http:\/\/127\.0\.0\.1:1: it is what CLICKHOUSE_URL says/,
    );
  });

  it('says in one line that nothing runs', async () => {
    const empty = mkdtempSync(join(tmpdir(), 'helios-sql-empty-'));
    const never = await sql(['SELECT 1'], { dataDir: empty });
    expect(never).toMatchObject({ code: 1, out: '' });
    expect(never.err).toBe(
      `There is no sql-token in ${empty}: start Helios there with npm start\n`,
    );
    rmSync(empty, { recursive: true });
    const stopped = await sql(['SELECT 1'], { at: 1 });
    expect(stopped).toMatchObject({ code: 1, out: '' });
    expect(stopped.err).toMatch(/^Nothing answers at http:\/\/127\.0\.0\.1:1: start Helios.*\n$/);
    const off = await sql(['SELECT 1'], { at: 1, more: { HOST: '0.0.0.0' } });
    expect(off.err).toMatch(/127\.0\.0\.1:1: SQL is off, as HOST is not a loopback address/);
  });
});

describe('describeTables()', () => {
  it('lists tables and columns with their comments', async () => {
    const tables = await warehouse.query<{ table: string; kind: string }>(
      describeTables('\\d', 'helios')!,
    );
    expect(tables.map(({ kind, table }) => `${kind} ${table}`)).toEqual([
      'table ad_events',
      'table auction_details',
      'table outcomes',
      'view bids',
      'view outcomes_readable',
    ]);
    const columns = await warehouse.query(describeTables('\\d helios.outcomes', 'default')!);
    expect(columns[0]).toEqual({
      column: 'auction_id',
      type: 'String',
      comment: 'Id of the auction; sorts by time',
    });
  });
});
