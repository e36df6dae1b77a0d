/** docs/sql.md holds what is true: its queries run, its tables have the columns it names. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createChdbWarehouse } from '#shared/warehouse/chdb.ts';
import { sampleDetails, sampleOutcome, sampleRows } from '#shared/warehouse/sample-rows.ts';
import {
  AD_EVENTS,
  type AdEventRow,
  AUCTION_DETAILS,
  createTables,
  DATABASE,
  OUTCOMES,
} from '#shared/warehouse/tables.ts';
import type { Warehouse } from '#shared/warehouse/warehouse.ts';

const PAGE = readFileSync(new URL('../docs/sql.md', import.meta.url), 'utf8');
const QUERIES = [...PAGE.matchAll(/\n([^\n]+):\n\n```sql\n(.*?)```/gs)]
  .map(([, title, sql]) => ({ title: title!, sql: sql! }));

const ROWS = 600;
const START_MS = Date.now() - 12 * 3600 * 1000;
const folder = mkdtempSync(join(tmpdir(), 'helios-sql-docs-'));
let warehouse: Warehouse;

beforeAll(async () => {
  warehouse = await createChdbWarehouse({ path: folder, onError: console.error });
  await createTables(warehouse);
  await warehouse.insert(OUTCOMES, sampleRows(sampleOutcome, ROWS, START_MS), 'outcomes');
  await warehouse.insert(AUCTION_DETAILS, sampleRows(sampleDetails, ROWS, START_MS), 'details');
  await warehouse.insert(AD_EVENTS, [1, 2, 3].map(undelivered), 'events');
});
afterAll(async () => {
  await warehouse.close();
  rmSync(folder, { recursive: true, force: true });
});

function undelivered(n: number): string {
  const { auction_id, time, publisher_id, trace_id, partition, offset } = sampleOutcome(
    n,
    START_MS,
  );
  const row = { auction_id, time, event_time: time, kind: 'undelivered' as const, publisher_id };
  return JSON.stringify({ ...row, trace_id, partition, offset } satisfies AdEventRow);
}

/** Runs it as `npm run sql` does. */
async function run(sql: string): Promise<Record<string, unknown>[]> {
  const { bytes } = await warehouse.raw({
    sql,
    settings: {},
    params: {},
    defaultFormat: 'JSONEachRow',
    database: DATABASE,
  });
  return new TextDecoder().decode(bytes).trim().split('\n').filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

describe('the queries of docs/sql.md', () => {
  it('are all found', () => {
    expect(QUERIES.length).toBeGreaterThanOrEqual(10);
    expect(PAGE.match(/```sql/g)).toHaveLength(QUERIES.length);
  });

  it.each(QUERIES)('$title', async ({ sql }) => {
    const rows = await run(sql);
    expect(rows.length).toBeGreaterThan(0);
    for (const column of Object.keys(rows[0]!)) {
      const values = rows.map((row) => row[column]);
      expect(values.filter((value) => !isEmpty(value)), column).not.toEqual([]);
    }
  });

  const answerOf = (words: string) => run(QUERIES.find(({ title }) => title.includes(words))!.sql);
  const sold = Array.from({ length: ROWS }, (_, n) => sampleOutcome(n, START_MS))
    .filter(({ win_status }) => win_status === 'won');
  const sum = (numbers: (number | undefined)[]) =>
    numbers.reduce<number>((a, b) => a + (b ?? 0), 0);

  it('add up to what was inserted', async () => {
    const revenue = await answerOf('Revenue by seat');
    const total = sum(sold.map(({ price_micros }) => price_micros)) / 1e9;
    expect(sum(revenue.map((row) => row.revenue as number))).toBeCloseTo(total, 9);
    const billed = await answerOf('What can be billed');
    expect(sum(billed.map((row) => row.impressions as number))).toBe(sold.length - 3);
  });

  it('leave test auctions, which are never billed, out of money', () => {
    const ofMoney = QUERIES.filter(({ sql }) => sql.includes('/ 1e9'));
    expect(ofMoney.length).toBeGreaterThan(0);
    for (const { title, sql } of ofMoney) expect(sql, title).toContain('NOT test');
  });

  it('name the winner of a tie by the lowest draw', async () => {
    for (const tie of await answerOf('Ties')) {
      expect(tie).toMatchObject({ seats: ['acme', 'globex'], lowest_draw: 'acme', winner: 'acme' });
    }
  });

  it('prove that nothing is there twice', async () => {
    expect(await answerOf('The proof')).toEqual([{ rows: ROWS, once: ROWS, exact: 1 }]);
  });
});

const isEmpty = (value: unknown) =>
  value === null || value === '' || (Array.isArray(value) && value.length === 0);

describe('the tables of docs/sql.md', () => {
  it.each(['outcomes', 'auction_details', 'ad_events', 'bids'])(
    '%s has these columns, of these types',
    async (table) => {
      const [, section = ''] = PAGE.split(`\n### ${table}\n`);
      const documented = [
        ...section.split('\n#')[0]!.matchAll(/^\| `(\w+)` *\| (.*?) *\| (.*?) *\|$/gm),
      ]
        .map(([, name, type, comment]) => ({ name, type, ...(table !== 'bids' && { comment }) }));
      const columns = await warehouse.query(
        `SELECT name, type ${table === 'bids' ? '' : ', comment'} FROM system.columns
         WHERE database = {database:String} AND table = {table:String} ORDER BY position`,
        { database: DATABASE, table },
      );
      expect(documented).toEqual(columns);
    },
  );

  it('names every table and view, and what the readable one has of its own', async () => {
    const tables = await warehouse.query<{ name: string }>(
      'SELECT name FROM system.tables WHERE database = {database:String}',
      { database: DATABASE },
    );
    for (const { name } of tables) expect(PAGE).toContain(`\n### ${name}\n`);
    const own = await warehouse.query<{ name: string }>(
      `SELECT name FROM system.columns WHERE database = {database:String}
         AND table = 'outcomes_readable' AND name NOT IN
         (SELECT name FROM system.columns WHERE database = {database:String} AND table = 'outcomes')`,
      { database: DATABASE },
    );
    for (const { name } of own) expect(PAGE).toContain(`\`${name}\``);
    expect(own).toHaveLength(4);
  });
});
