import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fateLists } from '../model/kept-lists.ts';
import { PRICE_MICROS_MAX } from '../model/money.ts';
import { createChdbWarehouse } from './chdb.ts';
import { sampleDetails, sampleOutcome, sampleRows } from './sample-rows.ts';
import { AUCTION_DETAILS, clickhouseTime, createTables, OUTCOMES } from './tables.ts';
import type { Warehouse } from './warehouse.ts';

const START_MS = Date.now() - 2 * 24 * 3600 * 1000;
const ROWS = 25_000;
const folder = mkdtempSync(join(tmpdir(), 'helios-tables-'));
let warehouse: Warehouse;

beforeAll(async () => {
  warehouse = await createChdbWarehouse({ path: folder, onError: console.error });
  await createTables(warehouse);
  await warehouse.insert(OUTCOMES, sampleRows(sampleOutcome, ROWS, START_MS), 'outcomes');
  await warehouse.insert(AUCTION_DETAILS, sampleRows(sampleDetails, 300, START_MS), 'details');
});
afterAll(async () => {
  await warehouse.close();
  rmSync(folder, { recursive: true, force: true });
});

it('outcomes give back what was inserted, to the millisecond and the micro', async () => {
  const row = sampleOutcome(7, START_MS);
  const [found] = await warehouse.query<Record<string, unknown>>(
    `SELECT *, toUnixTimestamp64Milli(time) AS ms FROM ${OUTCOMES}
     WHERE auction_id = {id:String}`,
    { id: row.auction_id },
  );
  const { time, ...rest } = row;
  expect(found).toMatchObject({ ...rest, deal_id: '' });
  expect(clickhouseTime(found!.ms as number)).toBe(time);
});

it('outcomes keep the first of repeated rows under FINAL', async () => {
  const first = { ...sampleOutcome(1, START_MS), imp_id: '2', request_id: 'repeated', offset: 10 };
  const again = { ...first, price_micros: 1, offset: 20 };
  await warehouse.insert(OUTCOMES, [JSON.stringify(again)], 'later offset');
  await warehouse.insert(OUTCOMES, [JSON.stringify(first)], 'first offset');
  const select = (final: string) =>
    warehouse.query(
      `SELECT offset, price_micros FROM ${OUTCOMES} ${final} WHERE request_id = 'repeated'`,
    );
  expect(await select('')).toHaveLength(2);
  expect(await select('FINAL')).toEqual([{ offset: 10, price_micros: first.price_micros }]);
});

it('outcomes lie on the disk when their insert is answered, also in a table that is older', async () => {
  const synced = async (offset: number): Promise<boolean> => {
    const count = `SELECT value FROM system.events WHERE event = 'FileSync'`;
    const [before] = await warehouse.query<{ value: number }>(count);
    const row = { ...sampleOutcome(2, START_MS), imp_id: 'synced', offset };
    await warehouse.insert(OUTCOMES, [JSON.stringify(row)], `synced ${offset}`);
    const [after] = await warehouse.query<{ value: number }>(count);
    return (after?.value ?? 0) > (before?.value ?? 0);
  };
  expect(await synced(1)).toBe(true);
  await warehouse.command(
    `ALTER TABLE ${OUTCOMES} RESET SETTING fsync_after_insert, fsync_part_directory`,
  );
  expect(await synced(2)).toBe(false);
  await createTables(warehouse);
  expect(await synced(3)).toBe(true);
});

it('an auction is found by its id without reading the table, once its part is merged', async () => {
  await warehouse.command(`OPTIMIZE TABLE ${OUTCOMES} FINAL`);
  const plan = await warehouse.query<{ explain: string }>(
    `EXPLAIN indexes = 1 SELECT * FROM ${OUTCOMES} WHERE auction_id = {id:String}`,
    { id: sampleOutcome(50, START_MS).auction_id },
  );
  const granules = plan.map(({ explain }) => /Granules: (\d+)\/(\d+)/.exec(explain))
    .filter((match) => match !== null).at(-1)!;
  expect(Number(granules[1])).toBeLessThan(Number(granules[2]));
});

it('outcomes_readable has amounts as decimals, exactly', async () => {
  const { auction_id: id, price_micros: micros = 0 } = sampleOutcome(3, START_MS);
  const [row] = await warehouse.query<{ cpm: string; revenue: string }>(
    `SELECT toString(price_cpm) AS cpm, toString(revenue) AS revenue
     FROM helios.outcomes_readable WHERE auction_id = {id:String}`,
    { id },
  );
  expect(Number(row!.cpm)).toBe(micros / 1e6);
  expect(Number(row!.revenue)).toBe(micros / 1e9);
});

/** Of the rows of an imp, as people read them. */
function readable(impId: string): Promise<{ cpm: string; revenue: string }[]> {
  return warehouse.query(
    `SELECT toString(price_cpm) AS cpm, toString(revenue) AS revenue
     FROM helios.outcomes_readable WHERE imp_id = {impId:String}`,
    { impId },
  );
}

it('outcomes_readable has no revenue of a test auction, as all other sums', async () => {
  const row = { ...sampleOutcome(1, START_MS), imp_id: '4', test: true, price_micros: 2_500_000 };
  await warehouse.insert(OUTCOMES, [JSON.stringify(row)], 'tested');
  expect(await readable('4')).toEqual([{ cpm: '2.5', revenue: '0' }]);
});

it('outcomes_readable holds the highest price there may be', async () => {
  const row = { ...sampleOutcome(1, START_MS), imp_id: '3', price_micros: PRICE_MICROS_MAX };
  await warehouse.insert(OUTCOMES, [JSON.stringify(row)], 'highest');
  expect(await readable('3')).toEqual([{ cpm: '1000000', revenue: '1000' }]);
});

it('bids has one row per fate of the details', async () => {
  const fates = Array.from({ length: 300 }, (_, n) => sampleDetails(n, START_MS).fates).flat();
  const rows = await warehouse.query<Record<string, unknown>>(
    'SELECT bid_id, seat, bid_micros, loss, draw FROM helios.bids ORDER BY bid_id, seat',
  );
  expect(rows).toHaveLength(fates.length);
  const [tie] = sampleDetails(9, START_MS).fates;
  expect(rows).toContainEqual({
    bid_id: tie!.bidId,
    seat: tie!.seat,
    bid_micros: tie!.priceMicros,
    loss: 0,
    draw: '00ab',
  });
});

it('bids reads fates as lists of values too', async () => {
  const former = sampleDetails(1_000, START_MS);
  const details = { ...former, fates: fateLists(former.fates) };
  await warehouse.insert(AUCTION_DETAILS, [JSON.stringify(details)], 'lists');
  const rows = await warehouse.query(
    `SELECT imp_id AS impid, seat, bidding_group AS group, bid_id AS bidId, campaign_id AS cid,
       creative_id AS crid, bid_micros AS priceMicros, status, loss, rule, draw
     FROM helios.bids WHERE auction_id = {id:String} ORDER BY loss`,
    { id: former.auction_id },
  );
  const byLoss = former.fates.toSorted((a, b) => a.loss - b.loss);
  expect(rows).toEqual(byLoss.map((fate) => ({ draw: '', ...fate })));
});

it('every column of the tables has a comment', async () => {
  const silent = await warehouse.query(
    `SELECT table, name FROM system.columns
     WHERE database = 'helios' AND comment = '' AND table NOT IN ('outcomes_readable', 'bids')`,
  );
  expect(silent).toEqual([]);
});
