import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createChdbWarehouse } from './chdb.ts';
import { addProjections, MEASURES, PROJECTION_DDL } from './outcome-projections.ts';
import { sampleOutcome, sampleRows } from './sample-rows.ts';
import { createTables, OUTCOMES } from './tables.ts';
import type { Warehouse } from './warehouse.ts';

const START_MS = Date.now() - 2 * 24 * 3600 * 1000;
const NAMES = [...PROJECTION_DDL.matchAll(/PROJECTION (\w+)/g)].map(([, name]) => name!);
const folder = mkdtempSync(join(tmpdir(), 'helios-projections-'));
let warehouse: Warehouse;

beforeAll(async () => {
  warehouse = await createChdbWarehouse({ path: folder, onError: console.error });
  await createTables(warehouse);
});
afterAll(async () => {
  await warehouse.close();
  rmSync(folder, { recursive: true, force: true });
});

const kept = async (): Promise<string[]> => {
  const rows = await warehouse.query<{ name: string }>(
    `SELECT DISTINCT name FROM system.projection_parts
     WHERE active AND concat(database, '.', table) = {table:String}`,
    { table: OUTCOMES },
  );
  return rows.map(({ name }) => name);
};

it('an insert makes every projection, so that its part can be merged', async () => {
  await warehouse.insert(OUTCOMES, sampleRows(sampleOutcome, 3_000, START_MS), 'one');
  expect((await kept()).sort()).toEqual(NAMES.toSorted());
  await warehouse.command(`OPTIMIZE TABLE ${OUTCOMES} FINAL SETTINGS optimize_throw_if_noop = 1`);
  expect((await kept()).sort()).toEqual(NAMES.toSorted());
});

it('a merge that drops a repeated row takes it out of the sums too', async () => {
  const sums = `SELECT ${MEASURES.offered} AS n, ${MEASURES.price_sum} AS price FROM ${OUTCOMES}`;
  const before = await warehouse.query(sums);
  const again = { ...sampleOutcome(7, START_MS), price_micros: 9_000_000, offset: 1_000_000 };
  await warehouse.insert(OUTCOMES, [JSON.stringify(again)], 'the same key, a later offset');
  expect(await warehouse.query(sums)).not.toEqual(before);
  await warehouse.command(`OPTIMIZE TABLE ${OUTCOMES} FINAL SETTINGS optimize_throw_if_noop = 1`);
  expect(await warehouse.query(sums)).toEqual(before);
});

it('a table of an older version gets them, for the rows it has, and once', async () => {
  const drop = NAMES.map((name) => `DROP PROJECTION ${name}`).join(', ');
  await warehouse.command(`ALTER TABLE ${OUTCOMES} ${drop} SETTINGS mutations_sync = 1`);
  expect(await kept()).toEqual([]);
  await createTables(warehouse);
  await expect.poll(async () => (await kept()).sort()).toEqual(NAMES.toSorted());
  const works = `SELECT count() AS n FROM system.mutations WHERE table = 'outcomes'`;
  const before = await warehouse.query(works);
  await addProjections(warehouse, OUTCOMES);
  expect(await warehouse.query(works)).toEqual(before);
});
