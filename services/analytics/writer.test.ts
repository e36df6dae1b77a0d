import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Bus } from '#shared/bus/bus.ts';
import { createEmbeddedBus } from '#shared/bus/embedded.ts';
import type { AuctionOutcome } from '#shared/model/events.ts';
import { keepText } from '#shared/model/request-text.ts';
import { AD_EVENTS, AUCTION_DETAILS, OUTCOMES } from '#shared/warehouse/tables.ts';
import { type Warehouse, WarehouseError } from '#shared/warehouse/warehouse.ts';
import { createDoomedEngines, type DoomedEngines, type Step } from './doomed-engines.ts';
import { metricOf, openEngines, surroundings, type TestEngines } from './test-engines.ts';
import {
  details,
  idOf,
  impOutcome,
  outcome,
  recentId,
  TIME_MS,
  undelivered,
} from './test-records.ts';
import { createWriter, type Writer } from './writer.ts';

let engines: TestEngines;
let bus: Bus;
let journals = 0;
const ends: (() => Promise<void>)[] = [];

beforeAll(async () => {
  engines = await openEngines();
});
afterAll(() => engines.dispose());
beforeEach(async () => {
  await engines.resetTables();
  bus = await engines.openBus(`journal-${++journals}`);
});
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
  await bus.close();
});

/** Looks often: the engines need a few ms. */
const soon = <T>(look: () => T, timeout = 60_000) => expect.poll(look, { interval: 2, timeout });

async function startWriter(
  warehouse: Warehouse = engines.warehouse,
  errors: unknown[] = [],
): Promise<{ writer: Writer; metrics: ReturnType<typeof surroundings>['metrics'] }> {
  const around = surroundings(errors);
  const writer = createWriter({ bus, warehouse, ...around });
  ends.push(() => writer.close());
  await writer.start();
  return { writer, metrics: around.metrics };
}

/** Partition of the auction number `n`. */
const partitionOf = (n: number): number => n % 4;

async function publish(...outcomes: AuctionOutcome[]): Promise<void> {
  await bus.publish(
    'auction_outcomes',
    outcomes.map((value) => ({ partition: partitionOf(Number(value.requestId.slice(4))), value })),
  );
}

/** Numbers of the auctions in the table, sorted; a repeated row shows twice. */
async function stored(final = false): Promise<number[]> {
  const rows = await engines.warehouse.query<{ n: number }>(
    `SELECT toUInt32(substring(request_id, 5)) AS n FROM ${OUTCOMES} ${
      final ? 'FINAL' : ''
    } ORDER BY n`,
  );
  return rows.map(({ n }) => n);
}

/** Numbers from `from` to below `to`. */
const numbers = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, index) => from + index);
const outcomes = (from: number, to: number): AuctionOutcome[] =>
  numbers(from, to).map((n) => outcome(n));

/** A warehouse whose inserts fail as long as `away` says so. */
function shaky(away: (table: string, token: string) => boolean): Warehouse {
  return {
    ...engines.warehouse,
    async insert(table, rows, token, columns) {
      if (away(table, token)) throw new WarehouseError('unavailable', 'Cannot insert: away');
      await engines.warehouse.insert(table, rows, token, columns);
    },
  };
}

describe('createWriter()', () => {
  test('brings outcomes, details and events into their tables', async () => {
    const { writer } = await startWriter();
    const second = impOutcome({ impid: '2' });
    delete second.winner;
    await publish(outcome(1, { imps: [impOutcome(), second] }), outcome(2));
    const auctionId = recentId(1);
    await bus.publish('auction_details', [{ partition: 1, value: details(1, { auctionId }) }]);
    await bus.publish('ad_events', [{ partition: 1, value: undelivered(1) }]);
    await soon(() => writer.find(auctionId).details).toBeDefined();
    await soon(() => writer.find(idOf(1)).events).toHaveLength(1);
    await writer.flush();
    expect(await stored()).toEqual([1, 1, 2]);
    const ask = async (sql: string): Promise<unknown> => (await engines.warehouse.query(sql))[0];
    expect(
      await ask(
        `SELECT imp_id, toString(time) AS time, toFloat64(price_micros) AS price, seat, adomain,
        win_status, test, partition FROM ${OUTCOMES} WHERE request_id = 'req-1' ORDER BY imp_id`,
      ),
    ).toEqual({
      imp_id: '1',
      time: '2025-12-17 19:33:20.001',
      price: 1_510_000,
      seat: 'acme',
      adomain: ['brand.example'],
      win_status: 'won',
      test: false,
      partition: 1,
    });
    expect(
      await ask(`SELECT auction_id, JSONExtractString(fates, 1, 2) AS seat,
        JSONExtractInt(request, 'imp', 1, 'banner', 'w') AS w, missing FROM ${AUCTION_DETAILS}`),
    ).toEqual({ auction_id: auctionId, seat: 'acme', w: 300, missing: ['partners'] });
    expect(
      await ask(
        `SELECT auction_id, kind, toUnixTimestamp64Milli(event_time) AS at FROM ${AD_EVENTS}`,
      ),
    ).toEqual({ auction_id: idOf(1), kind: 'undelivered', at: undelivered(1).at });
  });

  test('stores what another log has at the same offsets', async () => {
    for (const n of [1, 5]) {
      const { writer } = await startWriter();
      await publish(outcome(n));
      await bus.publish('auction_details', [
        { partition: 1, value: details(n, { auctionId: recentId(n) }) },
      ]);
      await soon(() => writer.find(idOf(n)).outcomes).toHaveLength(1);
      await soon(() => writer.find(recentId(n)).details).toBeDefined();
      await writer.close();
      await bus.close();
      bus = await engines.openBus(`journal-${++journals}`);
    }
    expect(await stored()).toEqual([1, 5]);
    const kept = await engines.warehouse.query(`SELECT auction_id FROM ${AUCTION_DETAILS}`);
    expect(kept).toHaveLength(2);
  });

  test('shows an auction before the warehouse has it', async () => {
    let away = true;
    const { writer } = await startWriter(shaky(() => away));
    await publish(outcome(1));
    await bus.publish('auction_details', [{ partition: 1, value: details(1) }]);
    await bus.publish('ad_events', [{ partition: 1, value: undelivered(1) }]);
    await soon(() => writer.find(idOf(1)).events).toHaveLength(1);
    await soon(() => writer.find(idOf(1)).details).toContain('{"id":"req-1"');
    expect(writer.find(idOf(1)).outcomes[0]).toContain('"req-1"');
    expect(writer.find(idOf(2))).toEqual({ outcomes: [], details: undefined, events: [] });
    expect(await stored()).toEqual([]);
    away = false;
  });

  test('shows what waits for its insert, the oldest too, and what was inserted last', async () => {
    let away = true;
    const { writer } = await startWriter(shaky(() => away));
    await publish(...outcomes(0, 2_000));
    await soon(() => writer.find(idOf(1_999)).outcomes).toHaveLength(1);
    expect(writer.find(idOf(3)).outcomes).toHaveLength(1);
    away = false;
    await writer.flush();
    expect(writer.find(idOf(1_999)).outcomes).toHaveLength(1);
  });

  test('takes the first record of an auction and counts the others', async () => {
    const { writer, metrics } = await startWriter();
    await publish(outcome(1), outcome(2), outcome(1, { siteDomain: 'later.example' }));
    await soon(() => writer.find(idOf(2)).outcomes).toHaveLength(1);
    await writer.flush();
    await publish(outcome(2), outcome(3));
    await soon(() => writer.find(idOf(3)).outcomes).toHaveLength(1);
    await writer.flush();
    expect(await stored()).toEqual([1, 2, 3]);
    const sites = await engines.warehouse.query(`SELECT DISTINCT site_domain FROM ${OUTCOMES}`);
    expect(sites).toEqual([{ site_domain: 'news.example.com' }]);
    expect(await metricOf(metrics, 'helios_warehouse_repeated_total', OUTCOMES)).toBe(2);
  });

  test('knows a repeated auction after a restart', async () => {
    const first = await startWriter();
    await publish(outcome(1));
    await bus.publish('ad_events', [{ partition: 1, value: undelivered(1) }]);
    await soon(() => first.writer.find(idOf(1)).events).toHaveLength(1);
    await first.writer.close();
    const { writer } = await startWriter();
    await publish(outcome(1), outcome(2));
    await bus.publish('ad_events', [{ partition: 1, value: undelivered(1) }]);
    await bus.publish('ad_events', [{ partition: 1, value: undelivered(2) }]);
    await soon(() => writer.find(idOf(2)).events).toHaveLength(1);
    await soon(() => writer.find(idOf(2)).outcomes).toHaveLength(1);
    await writer.flush();
    expect(await stored()).toEqual([1, 2]);
    const events = await engines.warehouse.query(`SELECT count() AS n FROM ${AD_EVENTS}`);
    expect(events).toEqual([{ n: 2 }]);
  });

  test('leaves out what no row can be made of, and goes on', async () => {
    const errors: unknown[] = [];
    const { writer } = await startWriter(engines.warehouse, errors);
    await publish(outcome(1), outcome(2, { auctionId: 'broken' }), outcome(3));
    await soon(() => writer.find(idOf(3)).outcomes).toHaveLength(1);
    await writer.flush();
    expect(await stored()).toEqual([1, 3]);
    expect(errors).toMatchObject([{
      message: 'Cannot make rows of auction_outcomes/2/0: it is left out',
    }]);
  });

  test('writes what waits before it closes', async () => {
    const { writer } = await startWriter();
    await publish(...outcomes(0, 20));
    const auctionId = recentId(1);
    await bus.publish('auction_details', [{ partition: 1, value: details(1, { auctionId }) }]);
    await soon(() => bus.depths().every(({ waiting }) => waiting === 0)).toBe(true);
    await writer.close();
    expect(await stored()).toEqual(numbers(0, 20));
    const found = await engines.warehouse.query(`SELECT auction_id FROM ${AUCTION_DETAILS}`);
    expect(found).toEqual([{ auction_id: auctionId }]);
  });
});

describe('a writer whose warehouse is away', () => {
  test('says so, tries again with the same token and goes on when it is back', async () => {
    const tokens: string[] = [];
    const errors: unknown[] = [];
    let failures = 3;
    const { writer, metrics } = await startWriter(
      shaky((_table, token) => tokens.push(token) > 0 && failures-- > 0),
      errors,
    );
    await writer.ready();
    await publish(...outcomes(0, 8));
    await soon(() => tokens.length).toBeGreaterThan(0);
    await expect(writer.ready()).rejects.toThrow(/^Cannot write helios.outcomes since 2025.*away$/);
    await writer.flush();
    await writer.ready();
    expect(new Set(tokens).size).toBe(1);
    expect(tokens[0]).toContain([0, 1, 2, 3].map((p) => `auction_outcomes:${p}:0-1`).join());
    expect(tokens).toHaveLength(4);
    expect(await stored()).toEqual(numbers(0, 8));
    expect(errors).toHaveLength(1);
    expect(await metricOf(metrics, 'helios_warehouse_retries_total', OUTCOMES)).toBe(3);
  });

  test('reads already, so that the bus keeps for it what it has not written', async () => {
    let away = true;
    const read = vi.spyOn(bus, 'read');
    const { writer } = await startWriter({
      ...engines.warehouse,
      async command(sql) {
        if (away) throw new WarehouseError('unavailable', 'Cannot make tables: away');
        await engines.warehouse.command(sql);
      },
    });
    const topics = () => read.mock.calls.flatMap(([, handlers]) => Object.keys(handlers));
    await soon(topics).toEqual(expect.arrayContaining(['auction_outcomes', 'ad_events']));
    await expect(writer.ready()).rejects.toThrow('away');
    await publish(outcome(1));
    away = false;
    await soon(() => writer.find(idOf(1)).outcomes).toHaveLength(1);
    await writer.flush();
    expect(await stored()).toEqual([1]);
  });

  test('keeps nobody from starting when the warehouse does not answer', async () => {
    const hangs = () => new Promise<never>(() => {});
    const { writer } = await startWriter({ ...engines.warehouse, command: hangs });
    await expect(writer.ready()).rejects.toThrow('still starting');
    await writer.close();
  });

  test('ends before it was there without a word to the bus', async () => {
    await bus.close();
    const told: unknown[] = [];
    bus = await createEmbeddedBus({ partitions: 4, onError: (error) => told.push(error) });
    const away = () => Promise.reject(new WarehouseError('unavailable', 'Cannot ask: away'));
    const { writer } = await startWriter({ ...engines.warehouse, command: away, query: away });
    await writer.close();
    expect(told).toEqual([]);
  });

  test('says so when an insert does not end', async () => {
    const held = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const warehouse: Warehouse = {
      ...engines.warehouse,
      async insert(table, rows, token, columns) {
        begun.resolve();
        await held.promise;
        await engines.warehouse.insert(table, rows, token, columns);
      },
    };
    let now = TIME_MS;
    const writer = createWriter({ bus, warehouse, ...surroundings(), clock: { now: () => now } });
    ends.push(() => writer.close());
    await writer.start();
    await publish(outcome(1));
    await begun.promise;
    await writer.ready();
    now += 31_000;
    await expect(writer.ready()).rejects.toThrow('the warehouse does not answer');
    held.resolve();
    await writer.flush();
    await writer.ready();
  });

  test('keeps two batches of outcomes and leaves the rest on the bus', async () => {
    let away = true;
    let tries = 0;
    const { writer, metrics } = await startWriter(shaky(() => ++tries > 0 && away));
    let handedOn = 0;
    // It hears of a record right after the writer does.
    await bus.read({ as: 'all', from: 'start' }, {
      auction_outcomes: (batch) => void (handedOn += batch.length),
    });
    await publish(...outcomes(0, 1));
    // The batch of one is being written; of the others one batch is full.
    await soon(() => tries).toBeGreaterThan(0);
    for (let from = 1; from < 12_001; from += 1_000) {
      await publish(...outcomes(from, from + 1_000));
    }
    await soon(() => handedOn).toBe(12_001);
    const waiting = () => metricOf(metrics, 'helios_warehouse_waiting_rows', OUTCOMES);
    expect(await waiting()).toBe(10_001);
    away = false;
    await soon(async () => (await stored()).length).toBe(12_001);
    await writer.flush();
    expect(await stored()).toEqual(numbers(0, 12_001));
  });

  test("stores a request as the publisher's own text, however it is written", async () => {
    const { writer } = await startWriter();
    const inner = [
      '"a":"} ] { [ \\" \\\\"',
      '"n":[1E+2,-0.0,1e999,123456789012345678901234567890]',
      '"a":1,"a":2,"\\/":"ü😀\u2028"',
      `"deep":${'['.repeat(28)}${']'.repeat(28)}`,
      ' "spaced" :\r [ 1 , 2 ] ',
      '"lines":[\n1\n]',
      '\t"tabs":[1,\t2]',
      '"half":"\\ud83d","whole":"\\uD83D\\uDE00","nul":"\\u0000"',
    ];
    const texts = inner.map((ext, n) =>
      `{"id":"r${n}","imp":[{"id":"1","banner":{"w":1,"h":1}}],"site":{"id":"s"},"ext":{${ext}}}`
    );
    const requests = texts.map((text) => {
      const request = JSON.parse(text);
      keepText(request, text);
      return request;
    });
    await bus.publish(
      'auction_details',
      requests.map((request, n) => ({
        partition: 1,
        value: details(n, { auctionId: recentId(n), request }),
      })),
    );
    await soon(() => writer.find(recentId(inner.length - 1)).details).toContain('"imp"');
    await writer.flush();
    const rows = await engines.warehouse.query<{ auction_id: string; request: string }>(
      `SELECT auction_id, request FROM ${AUCTION_DETAILS} ORDER BY auction_id`,
    );
    expect(rows.map(({ auction_id }) => auction_id)).toEqual(texts.map((_, n) => recentId(n)));
    const kept = rows.map(({ request }) => request);
    expect(kept.slice(0, 5)).toEqual(texts.slice(0, 5));
    const wellFormed = (key: string, value: unknown) => key === 'half' ? '\ufffd' : value;
    expect(kept.slice(5).map((text) => JSON.parse(text)))
      .toEqual(texts.slice(5).map((text) => JSON.parse(text, wellFormed)));
  });

  test('is done with details when their table has them', async () => {
    const commits = new Map<number, number>();
    const ends = new Map<number, number>();
    const read = bus.read.bind(bus);
    bus.read = async (options, handlers) => {
      const { auction_details: take } = handlers;
      const reader = await read(
        options,
        take
          ? {
            auction_details(batch) {
              for (const { partition, offset } of batch) ends.set(partition, offset + 1);
              return take(batch);
            },
          }
          : handlers,
      );
      const commit = reader.commit.bind(reader);
      reader.commit = (topic, partition, offset, note) => {
        if (topic === 'auction_details') commits.set(partition, offset);
        commit(topic, partition, offset, note);
      };
      return reader;
    };
    const { writer } = await startWriter();
    for (const n of numbers(0, 3)) {
      const value = details(n, { auctionId: recentId(n) });
      await bus.publish('auction_details', [{ partition: n % 2, value }]);
    }
    await soon(() => writer.find(recentId(2)).details).toBeDefined();
    expect(commits.size).toBe(0);
    await writer.flush();
    expect(commits.size).toBe(2);
    expect(commits).toEqual(ends);
  });

  test('drops details above its bound and counts them', async () => {
    let away = true;
    const { writer, metrics } = await startWriter(
      shaky((table) => away && table === AUCTION_DETAILS),
    );
    const request = { id: 'r', imp: [], ext: { padding: 'x'.repeat(2_000_000) } };
    for (let n = 0; n < 40; n++) {
      const value = details(n, { auctionId: recentId(n), request });
      await bus.publish('auction_details', [{ partition: 1, value }]);
    }
    const dropped = () => metricOf(metrics, 'helios_warehouse_dropped_total', AUCTION_DETAILS);
    await soon(dropped).toBe(8);
    away = false;
    await writer.flush();
    const rows = await engines.warehouse.query(`SELECT count() AS n FROM ${AUCTION_DETAILS}`);
    expect(rows).toEqual([{ n: 32 }]);
  });

  test('starts all the same, is not ready, and catches up', async () => {
    let away = true;
    const errors: unknown[] = [];
    const warehouse: Warehouse = {
      ...engines.warehouse,
      async command(sql) {
        if (away) throw new WarehouseError('unavailable', 'Cannot run it: away');
        await engines.warehouse.command(sql);
      },
    };
    await publish(outcome(1));
    const { writer } = await startWriter(warehouse, errors);
    await expect(writer.ready()).rejects.toThrow('away');
    away = false;
    await soon(() => writer.ready().then(() => 'ready', () => 'not ready')).toBe('ready');
    await soon(() => writer.find(idOf(1)).outcomes).toHaveLength(1);
    await writer.flush();
    expect(await stored()).toEqual([1]);
    expect(errors).toHaveLength(1);
  });
});

/** A warehouse that does not tell what it holds: then notes and tokens alone keep the table exact. */
function silent(): Warehouse {
  const { warehouse } = engines;
  return {
    ...warehouse,
    query: async (sql, params) => /\bsystem\./.test(sql) ? await warehouse.query(sql, params) : [],
  };
}

/** Runs a writer on engines that may die; resolves to whether they did. */
async function live(
  doomed: DoomedEngines,
  until: (writer: Writer) => Promise<void>,
): Promise<boolean> {
  const writer = createWriter({ ...surroundings(), bus: doomed.bus, warehouse: doomed.warehouse });
  let isDead = false;
  void doomed.dead.then(() => isDead = true);
  // One that dies while it starts gives the warehouse up after a while; it is gone all the same.
  const life = writer.start().then(() => isDead ? undefined : until(writer)).then(() => false);
  return await Promise.race([life, doomed.dead.then(() => true)]);
}

/** The process is gone: what it had not stored is lost, its journal is opened by the next one. */
async function afterTheEnd(journal: string): Promise<void> {
  await bus.close();
  bus = await engines.openBus(journal);
}

const all = async (writer: Writer, last: number): Promise<void> => {
  await soon(() => writer.find(idOf(last)).outcomes).toHaveLength(1);
  await writer.flush();
};

describe('a writer that is killed', () => {
  const STEPS: Step[] = ['before store', 'after store', 'before insert', 'after insert'];
  const points: [step: Step, nth: number][] = STEPS.flatMap((step) =>
    [1, 2].map((nth): [Step, number] => [step, nth])
  );
  for (const [step, nth] of points) {
    test(`leaves each outcome once: ${step}, time ${nth}`, async () => {
      const journal = `journal-${journals}`;
      let count = 0;
      let published = 0;
      const dies = (name: Step, where: string): boolean =>
        (where === OUTCOMES || where === 'auction_outcomes') && name === step && ++count === nth;
      const doomed = createDoomedEngines(bus, silent(), dies);
      const died = await live(doomed, async (writer) => {
        await publish(...outcomes(0, published = 10));
        await all(writer, 9);
        await publish(...outcomes(10, published = 30));
        await all(writer, 29);
      });
      expect(died).toBe(true);
      await afterTheEnd(journal);
      await publish(...outcomes(30, 40));
      const { writer } = await startWriter(silent());
      await all(writer, 39);
      expect(await stored()).toEqual([...numbers(0, published), ...numbers(30, 40)]);
      expect(await stored(true)).toEqual(await stored());
    });
  }

  for (const [step, nth] of points.filter(([step]) => /insert/.test(step))) {
    test(`leaves out a row its table refuses, and nothing else: ${step}, time ${nth}`, async () => {
      const journal = `journal-${journals}`;
      const refused = impOutcome({ bids: 'many' as unknown as number });
      const some = [...outcomes(0, 5), outcome(5, { imps: [refused] }), ...outcomes(6, 10)];
      let count = 0;
      const dies = (name: Step, where: string): boolean =>
        (where === OUTCOMES || where === 'auction_outcomes') && name === step && ++count === nth;
      const doomed = createDoomedEngines(bus, silent(), dies);
      await publish(...some);
      // The first batch is inserted twice: whole, which is refused, and without the row.
      const died = await live(doomed, async (writer) => {
        await all(writer, 9);
        await publish(...outcomes(10, 12));
        await all(writer, 11);
      });
      expect(died).toBe(true);
      await afterTheEnd(journal);
      await publish(...outcomes(20, 22));
      const errors: unknown[] = [];
      const { writer } = await startWriter(silent(), errors);
      await all(writer, 21);
      const left = (await stored()).filter((n) => n < 10);
      expect(left).toEqual(numbers(0, 10).filter((n) => n !== 5));
      expect(await stored(true)).toEqual(await stored());
      for (const error of errors) expect(String(error)).toContain('"bids":"many"');
    });
  }

  test('leaves each outcome once when it is killed again while it repairs', async () => {
    const journal = `journal-${journals}`;
    await publish(...outcomes(0, 25));
    for (
      const step of ['before insert', 'before insert', 'after insert', 'before store'] as const
    ) {
      const doomed = createDoomedEngines(bus, silent(), (name) => name === step);
      const died = await live(doomed, (writer) => all(writer, 24));
      expect(died).toBe(true);
      await afterTheEnd(journal);
    }
    const { writer } = await startWriter(silent());
    await publish(outcome(25));
    await all(writer, 25);
    expect(await stored()).toEqual(numbers(0, 26));
  });

  test('leaves each outcome once, whenever and however often it is killed', async () => {
    const life = fc.record({
      /** Sizes of what is published and flushed at once; a batch may repeat older auctions. */
      batches: fc.array(
        fc.record({ fresh: fc.integer({ min: 1, max: 40 }), repeat: fc.boolean() }),
        {
          minLength: 1,
          maxLength: 4,
        },
      ),
      /** The step at which it dies; beyond the last it lives. */
      dieAt: fc.integer({ min: 1, max: 24 }),
      closes: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.boolean(),
        fc.array(life, { minLength: 1, maxLength: 4 }),
        async (tells, lives) => {
          const warehouse = tells ? engines.warehouse : silent();
          await engines.resetTables();
          const journal = `journal-${++journals}`;
          await bus.close();
          bus = await engines.openBus(journal);
          let published = 0;
          for (const { batches, dieAt, closes } of lives) {
            let steps = 0;
            const doomed = createDoomedEngines(bus, warehouse, () => ++steps === dieAt);
            await live(doomed, async (writer) => {
              for (const { fresh, repeat } of batches) {
                const older = repeat && tells && published > 0
                  ? outcomes(published - 1, published)
                  : [];
                const next = outcomes(published, published + fresh);
                published += fresh;
                await publish(...older, ...next);
                await all(writer, published - 1);
              }
              if (closes) await writer.close();
            });
            doomed.kill();
            await afterTheEnd(journal);
          }
          const writer = createWriter({ bus, warehouse, ...surroundings() });
          await writer.start();
          await publish(outcome(published));
          await all(writer, published);
          await writer.close();
          expect(await stored()).toEqual(numbers(0, published + 1));
          expect(await stored(true)).toEqual(numbers(0, published + 1));
        },
      ),
      { numRuns: 8 },
    );
  }, 120_000);
});
