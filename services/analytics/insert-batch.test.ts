import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createMetrics } from '#shared/metrics.ts';
import { DETAIL_COLUMNS } from '#shared/model/detail-row.ts';
import { AUCTION_DETAILS, OUTCOMES } from '#shared/warehouse/tables.ts';
import { type Warehouse, WarehouseError } from '#shared/warehouse/warehouse.ts';
import type { Insist } from './back-off.ts';
import { type Batch, createBatch } from './batch.ts';
import { insertBatch } from './insert-batch.ts';
import { outcomeRows } from './outcome-rows.ts';
import { REFUSED_MAX } from './refused-rows.ts';
import { createTableCounts } from './table-counts.ts';
import { metricOf, openEngines, type TestEngines } from './test-engines.ts';
import { details, impOutcome, outcome, recentId } from './test-records.ts';

/** Gives up at the first failure. */
const once: Insist = (work) => work();
const BAD = 'not a number';

function setupOf(warehouse: Warehouse, insist = once) {
  const metrics = createMetrics();
  const errors: Error[] = [];
  const counts = createTableCounts(metrics)(OUTCOMES);
  const onError = (error: unknown): void => void errors.push(error as Error);
  return {
    errors,
    count: (name: string) => metricOf(metrics, `helios_warehouse_${name}_total`, OUTCOMES),
    setup: { warehouse, table: OUTCOMES, counts, insist, onError },
  };
}

/** The row of auction `n`; a bad one has a text where its table has a number. */
function rowOf(n: number, bad: boolean): string {
  const imps = [impOutcome(bad ? { bids: BAD as unknown as number } : {})];
  return outcomeRows(outcome(n, { imps }), 0, n)[0]!;
}

function batchOf(size: number, isBad: (n: number) => boolean): Batch {
  const batch = createBatch('auction_outcomes');
  for (let n = 0; n < size; n++) {
    batch.cover(0, n, 'a');
    batch.add(rowOf(n, isBad(n)));
  }
  return batch;
}

/** Numbers below `size` that are not bad. */
const good = (size: number, isBad: (n: number) => boolean): number[] =>
  Array.from({ length: size }, (_, n) => n).filter((n) => !isBad(n));

interface Picky extends Warehouse {
  stored: number[];
  trials: number;
}

/** A warehouse that cannot read some rows, and takes a token once. */
function picky(isBad: (row: string) => boolean): Picky {
  const tokens = new Set<string>();
  const read = (bytes: Uint8Array): string[] => {
    const rows = Buffer.from(bytes).toString().split('\n').slice(0, -1);
    if (rows.some(isBad)) {
      throw new WarehouseError('query', 'Cannot parse input', { clickhouseCode: 27 });
    }
    return rows;
  };
  return {
    stored: [],
    trials: 0,
    async insert(_table, rows, token) {
      const read_ = read(Buffer.concat(rows as Uint8Array[]));
      if (tokens.has(token)) return;
      tokens.add(token);
      this.stored.push(...read_.map((row) => (JSON.parse(row) as { offset: number }).offset));
    },
    async raw({ body }) {
      this.trials++;
      read(body!);
      return { bytes: new Uint8Array(), format: 'Null', rows: 0, elapsedMs: 0 };
    },
    query: async () => [],
    command: async () => {},
    check: async () => {},
    close: async () => {},
  };
}

describe('insertBatch() with a warehouse that cannot read some rows', () => {
  test('leaves out these and no others, wherever they are', async () => {
    await fc.assert(fc.asyncProperty(
      fc.uniqueArray(fc.nat(399), { maxLength: REFUSED_MAX }),
      fc.integer({ min: 2, max: 400 }),
      async (bad, size) => {
        const isBad = (n: number): boolean => bad.includes(n);
        fc.pre(good(size, isBad).length > 0);
        const warehouse = picky((row) => row.includes(BAD));
        const { setup, count, errors } = setupOf(warehouse);
        const batch = batchOf(size, isBad);
        await insertBatch(setup, batch, batch.token());
        expect(warehouse.stored).toEqual(good(size, isBad));
        expect(await count('refused')).toBe(size - warehouse.stored.length);
        expect(await count('rows')).toBe(warehouse.stored.length);
        expect(errors).toHaveLength(size - warehouse.stored.length);
      },
    ));
  });

  test('asks some two dozen times for one row of ten thousand, and never where all are good', async () => {
    const warehouse = picky((row) => row.includes(BAD));
    const { setup } = setupOf(warehouse);
    await insertBatch(setup, batchOf(10_000, () => false), 'all good');
    expect(warehouse.trials).toBe(0);
    await insertBatch(setup, batchOf(10_000, (n) => n === 7_777), 'one bad');
    expect(warehouse.trials).toBeLessThan(30);
  });

  test('leaves out nothing when not one of several auctions, or hardly any row, can be read', async () => {
    const bads: ((n: number) => boolean)[] = [() => true, (n) => n <= REFUSED_MAX];
    for (const isBad of bads) {
      const warehouse = picky((row) => row.includes(BAD));
      const { setup, count, errors } = setupOf(warehouse);
      const inserted = insertBatch(setup, batchOf(300, isBad), 'token');
      await expect(inserted).rejects.toThrow('Cannot parse input');
      expect([warehouse.stored, errors, await count('refused')]).toEqual([[], [], 0]);
    }
  });

  test('leaves out nothing when every row can be read after all', async () => {
    const warehouse = picky(() => false);
    const error = new WarehouseError('query', 'Of the table', { clickhouseCode: 53 });
    warehouse.insert = () => Promise.reject(error);
    const { setup } = setupOf(warehouse);
    await expect(insertBatch(setup, batchOf(3, () => false), 'token')).rejects.toBe(error);
  });

  test.each([
    ['too many parts', new WarehouseError('unavailable', 'x', { clickhouseCode: 252 })],
    ['no such table', new WarehouseError('query', 'x', { clickhouseCode: 60 })],
    ['no memory', new WarehouseError('query', 'x', { clickhouseCode: 241 })],
    ['a bug of ours', new TypeError('x')],
  ])('tries no rows when it failed for another reason: %s', async (_what, error) => {
    const warehouse = picky(() => false);
    warehouse.insert = () => Promise.reject(error);
    const { setup } = setupOf(warehouse);
    await expect(insertBatch(setup, batchOf(3, () => false), 'token')).rejects.toBe(error);
    expect(warehouse.trials).toBe(0);
  });

  test('tries again from the beginning when the warehouse goes away meanwhile', async () => {
    const warehouse = picky((row) => row.includes(BAD));
    const raw = warehouse.raw.bind(warehouse);
    warehouse.raw = (statement) => {
      if (warehouse.trials !== 3) return raw(statement);
      warehouse.trials++;
      return Promise.reject(new WarehouseError('unavailable', 'Away'));
    };
    let failures = 0;
    const twice: Insist = (work) => work().catch(() => (failures++, work()));
    const { setup, errors } = setupOf(warehouse, twice);
    await insertBatch(setup, batchOf(50, (n) => n === 20), 'token');
    expect(warehouse.stored).toEqual(good(50, (n) => n === 20));
    expect([failures, errors.length]).toEqual([1, 1]);
  });
});

describe('insertBatch() with ClickHouse', () => {
  let engines: TestEngines;
  beforeAll(async () => {
    engines = await openEngines();
  });
  afterAll(() => engines.dispose());
  beforeEach(() => engines.resetTables());

  const stored = async (): Promise<number[]> => {
    const sql = `SELECT toUInt32(offset) AS n FROM ${OUTCOMES} ORDER BY n`;
    return (await engines.warehouse.query<{ n: number }>(sql)).map(({ n }) => n);
  };
  const isBad = (n: number): boolean => n === 0 || n === 1_234 || n === 2_999;

  test('stores the others once, and says what it left out', async () => {
    const { setup, errors, count } = setupOf(engines.warehouse);
    const batch = batchOf(3_000, isBad);
    await insertBatch(setup, batch, batch.token());
    expect(await stored()).toEqual(good(3_000, isBad));
    expect(await count('refused')).toBe(3);
    expect(await count('rows')).toBe(2_997);
    expect(errors.map(({ message }) => message.slice(0, 120))).toEqual(
      [0, 1_234, 2_999].map((n) =>
        (`Cannot store a row of helios.outcomes, partition 0, offset ${n}: it is left out: ` +
          rowOf(n, true)).slice(0, 120)
      ),
    );
    expect(errors[0]!.message).toContain(`"bids":"${BAD}"`);
    expect(String(errors[0]!.cause)).toContain('Code: 27');
  });

  test('stores nothing twice when the batch comes again, be it mended meanwhile', async () => {
    const { setup } = setupOf(engines.warehouse);
    const token = batchOf(3_000, isBad).token();
    await insertBatch(setup, batchOf(3_000, isBad), token);
    await insertBatch(setup, batchOf(3_000, isBad), token);
    await insertBatch(setup, batchOf(3_000, () => false), token);
    expect(await stored()).toEqual(good(3_000, isBad));
  });

  test('finds rows of values between tabs that their table refuses, by number or by value', async () => {
    const { setup, errors, count } = setupOf(engines.warehouse);
    const batch = createBatch('auction_details');
    const rows = [0, 1, 2, 3].map((n) => details(n, { auctionId: recentId(n) }).row.join(''));
    batch.cover(0, 0, 'a');
    batch.add(rows[0]!);
    batch.add(rows[1]!.replace('\t', ''));
    batch.add(rows[2]!.replace(/\t\d+\.\d+\t/, '\tyesterday\t'));
    batch.add(rows[3]!);
    const columns = DETAIL_COLUMNS;
    await insertBatch({ ...setup, table: AUCTION_DETAILS, columns }, batch, batch.token());
    const sql = `SELECT auction_id FROM ${AUCTION_DETAILS} ORDER BY auction_id`;
    expect(await engines.warehouse.query(sql))
      .toEqual([{ auction_id: recentId(0) }, { auction_id: recentId(3) }]);
    expect(await count('refused')).toBe(2);
    expect(errors[0]!.message).toContain(`Cannot store a row of ${AUCTION_DETAILS}`);
  });

  test('an auction alone in its batch is left out too', async () => {
    const { setup, count } = setupOf(engines.warehouse);
    await insertBatch(setup, batchOf(1, () => true), 'token');
    expect(await stored()).toEqual([]);
    expect(await count('refused')).toBe(1);
  });

  test('what it finds is what the table refuses: numbers, times, names, texts and arrays', async () => {
    const changes: [from: RegExp, to: string][] = [
      [/"price_micros":\d+/, '"price_micros":-1'],
      [/"bid_micros":\d+/, '"bid_micros":1e30'],
      [/"time":"[^"]*"/, '"time":"yesterday"'],
      [/"win_status":"won"/, '"win_status":"perhaps"'],
      [/"adomain":\[[^\]]*\]/, '"adomain":5'],
      [/"enriched":true/, '"enriched":"so so"'],
      [/"seat":"acme"/, '"seat":"ac\\'],
    ];
    const batch = createBatch('auction_outcomes');
    batch.cover(0, 0, 'a');
    batch.add(rowOf(0, false));
    for (const [index, [from, to]] of changes.entries()) {
      const row = rowOf(index + 1, false);
      expect(row).toMatch(from);
      batch.add(row.replace(from, to));
    }
    const { setup, errors, count } = setupOf(engines.warehouse);
    await insertBatch(setup, batch, 'token');
    expect(await stored()).toEqual([0]);
    expect(errors).toHaveLength(changes.length);
    expect(await count('refused')).toBe(changes.length);
  });
});
