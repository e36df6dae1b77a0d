import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { ConfigChange } from '../model/catalog.ts';
import type { Bus, Received } from './bus.ts';
import { describeBus, idOf, keptOutcomes, message } from './contract.ts';
import { createEmbeddedBus } from './embedded.ts';
import { openJournal } from './journal.ts';

const folders: string[] = [];
const buses: Bus[] = [];
const failures: unknown[] = [];

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'helios-bus-'));
  folders.push(path);
  return path;
}

async function openBus(
  path: string | undefined,
  partitions: number | undefined = 4,
): Promise<Bus> {
  const bus = await createEmbeddedBus({
    path,
    partitions,
    onError: (error) => failures.push(error),
  });
  buses.push(bus);
  return bus;
}

function idsOf(first: number, count: number): string[] {
  return Array.from({ length: count }, (_, n) => `a${first + n}`);
}

function outcomes(ids: readonly string[]): Received<'auction_outcomes'>[] {
  return ids.map((id) => message('auction_outcomes', 0, id));
}

/** A bus whose disk is done with no flush while the test holds it. */
async function busOnDisk(partitions = 1) {
  let gate = Promise.resolve();
  const path = join(await folder(), 'journal.db');
  const onError = (error: unknown) => failures.push(error);
  const bus = await createEmbeddedBus({ path, partitions, onError }, async (...args) => {
    const journal = await openJournal(...args);
    return { ...journal, sync: () => gate.then(() => journal.sync!()) };
  });
  buses.push(bus);
  const hold = (): () => void => {
    const { promise, resolve } = Promise.withResolvers<void>();
    gate = promise;
    return resolve;
  };
  return { bus, path, hold };
}

/** The ids of all outcomes that a journal gives back. */
async function outcomesIn(path: string): Promise<string[]> {
  return await keptOutcomes(await openBus(path, 1));
}

async function disposeAll(): Promise<void> {
  await Promise.all(buses.splice(0).map((bus) => bus.close()));
  await Promise.all(folders.splice(0).map((path) => rm(path, { recursive: true, force: true })));
  expect(failures.splice(0)).toEqual([]);
}

describeBus('the embedded bus', async (partitions) => {
  const path = join(await folder(), 'journal.db');
  return {
    bus: await openBus(path, partitions),
    // The first instance is left as it stands: what was promised must already be on disk.
    reopen: () => openBus(path, partitions),
    dispose: disposeAll,
  };
});

describe('createEmbeddedBus()', () => {
  afterEach(disposeAll);

  test('hands records of one turn on as one batch', async () => {
    const bus = await openBus(undefined);
    const sizes: number[] = [];
    await bus.read({ as: 'group', group: 'g', from: 'end' }, {
      bid_requests: (batch) => void sizes.push(batch.length),
    });
    for (let n = 0; n < 5; n++) {
      void bus.publish('bid_requests', [message('bid_requests', n % 4, `a${n}`)]);
    }
    await expect.poll(() => sizes).toEqual([5]);
  });

  test('closes after the work of its timers that is under way', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const bus = await openBus(undefined);
    await vi.advanceTimersByTimeAsync(2_000);
    vi.useRealTimers();
    // What fails is told to `failures`, at which disposeAll looks.
    await bus.close();
  });

  test('runs what a handler publishes in the same pass', async () => {
    const bus = await openBus(undefined);
    const order: string[] = [];
    await bus.read({ as: 'group', group: 'bidding', from: 'end' }, {
      bid_requests(batch) {
        const answers = batch.map((r) => message('bid_responses', r.partition, idOf(r)));
        void bus.publish('bid_responses', answers);
      },
    });
    const answered = new Promise<void>((resolve) => {
      void bus.read({ as: 'group', group: 'auction', from: 'end' }, {
        bid_responses() {
          order.push('answer');
          resolve();
        },
      });
    });
    await bus.check();
    void bus.publish('bid_requests', [message('bid_requests', 0, 'a')]);
    setImmediate(() => order.push('next turn'));
    await answered;
    await expect.poll(() => order).toEqual(['answer', 'next turn']);
  });

  test('an echo hears what the journal has, others what lies on the disk', async () => {
    const { bus, hold } = await busOnDisk();
    const release = hold();
    const heard: string[] = [];
    const note = (who: string) => (batch: readonly Received<'auction_outcomes'>[]): void => {
      for (const record of batch) heard.push(`${who} ${idOf(record)}`);
    };
    await bus.read({ as: 'slice', partitions: [0], from: 'end', echo: true }, {
      auction_outcomes: note('echo'),
    });
    await bus.read({ as: 'all', from: 'end' }, { auction_outcomes: note('other') });
    await bus.publish('auction_outcomes', outcomes(['a']));
    await bus.check();
    expect(heard).toEqual(['echo a']);
    release();
    await expect.poll(() => heard).toEqual(['echo a', 'other a']);
  });

  test('who publishes waits for a disk that does not keep up', async () => {
    const { bus, hold } = await busOnDisk();
    let echoed = 0;
    await bus.read({ as: 'slice', partitions: [0], from: 'end', echo: true }, {
      auction_outcomes: (batch) => void (echoed += batch.length),
    });
    const release = hold();
    await bus.publish('auction_outcomes', outcomes(idsOf(0, 20_001)));
    let told = false;
    const more = bus.publish('auction_outcomes', outcomes(['b'])).then(() => told = true);
    for (let n = 0; n < 5; n++) await bus.check();
    expect({ told, echoed }).toEqual({ told: false, echoed: 20_001 });
    release();
    await more;
    expect(echoed).toBe(20_002);
  });

  test('refuses what it has no room for while the disk does not keep up', async () => {
    const { bus, hold } = await busOnDisk();
    const release = hold();
    await bus.publish('auction_outcomes', outcomes(idsOf(0, 20_001)));
    const waiting = bus.publish('auction_outcomes', outcomes(idsOf(0, 40_001)));
    await expect(bus.publish('auction_outcomes', outcomes(['b']))).rejects.toMatchObject({
      code: 'unavailable',
    });
    release();
    await waiting;
  });

  test('what a busy echo has not taken counts as waiting', async () => {
    const { bus } = await busOnDisk();
    const gate = Promise.withResolvers<void>();
    await bus.read({ as: 'slice', partitions: [0], from: 'end', echo: true }, {
      auction_outcomes: () => gate.promise,
    });
    await bus.publish('auction_outcomes', outcomes(['a']));
    await bus.publish('auction_outcomes', outcomes(['b', 'c']));
    const waiting = () => bus.depths().find(({ topic }) => topic === 'auction_outcomes')!.waiting;
    await expect.poll(waiting).toBe(2);
    gate.resolve();
    await expect.poll(waiting).toBe(0);
  });

  test('who reads the journal does not run ahead of the disk', async () => {
    const { bus, hold } = await busOnDisk(2);
    const heard: string[] = [];
    const gate = Promise.withResolvers<void>();
    const join = (handler: (ids: string[]) => void | Promise<void>) =>
      bus.read({ as: 'group', group: 'g', from: 'start' }, {
        auction_outcomes: (batch) => handler(batch.map(idOf)),
      });
    await join((ids) => void heard.push(...ids));
    const busy = vi.fn(() => gate.promise);
    const other = await join(busy);
    await bus.publish('auction_outcomes', [message('auction_outcomes', 1, 'a')]);
    await expect.poll(() => busy).toHaveBeenCalled();
    const closing = other.close();
    await bus.check();
    const release = hold();
    await bus.publish('auction_outcomes', [message('auction_outcomes', 1, 'b')]);
    // The one that stays reads the other's partition from its start.
    gate.resolve();
    await closing;
    await expect.poll(() => heard).toEqual(['a']);
    await bus.check();
    expect(heard).toEqual(['a']);
    release();
    await expect.poll(() => heard).toEqual(['a', 'b']);
  });

  test('a reader closes while others go on publishing', async () => {
    const { bus } = await busOnDisk();
    const reader = await bus.read({ as: 'all', from: 'end' }, { auction_outcomes: () => {} });
    let published = 0;
    let closed = false;
    const publishing = Array.from({ length: 4 }, async () => {
      while (!closed) await bus.publish('auction_outcomes', outcomes([`a${published++}`]));
    });
    await expect.poll(() => published).toBeGreaterThan(20);
    await reader.close();
    closed = true;
    await Promise.all(publishing);
  });

  test.each(['in memory', 'on disk'])(
    '%s, records come in order when a handler publishes more of another topic',
    async (where) => {
      const bus = await openBus(
        where === 'on disk' ? join(await folder(), 'journal.db') : undefined,
      );
      const event = (id: string) => message('ad_events', 0, id);
      const heard: string[] = [];
      await bus.read({ as: 'all', from: 'end' }, {
        auction_outcomes: () => void bus.publish('ad_events', [event('second')]),
      });
      await bus.read({ as: 'all', from: 'end' }, {
        ad_events: (batch) => void heard.push(...batch.map(idOf)),
      });
      await Promise.all([
        bus.publish('auction_outcomes', outcomes(['a'])),
        bus.publish('ad_events', [event('first')]),
      ]);
      await expect.poll(() => heard).toEqual(['first', 'second']);
    },
  );

  test('a power cut takes nothing that was counted', async () => {
    const { bus, path, hold } = await busOnDisk();
    const counted: string[] = [];
    await bus.read({ as: 'all', from: 'end' }, {
      auction_outcomes: (batch) => void counted.push(...batch.map(idOf)),
    });
    await bus.publish('auction_outcomes', outcomes(['a']));
    await expect.poll(() => counted).toEqual(['a']);
    const release = hold();
    // No more than this need lie on the disk.
    const disk = join(await folder(), 'journal.db');
    for (const part of ['', '-wal']) await copyFile(path + part, disk + part);
    await bus.publish('auction_outcomes', outcomes(['b']));
    await bus.check();
    expect(counted).toEqual(['a']);
    expect(await outcomesIn(disk)).toEqual(['a']);
    release();
  });

  test('what a person changed lies on the disk when they are told', async () => {
    const { bus, hold } = await busOnDisk();
    const release = hold();
    let told = false;
    const marker = { kind: 'marker', value: { id: 'a' } } as const;
    const value: ConfigChange = { v: 1, at: 1, actor: 'test', id: 'a', ...marker };
    const changing = bus.publish('config_changes', [{ partition: 0, value }])
      .then(() => told = true);
    await bus.publish('auction_outcomes', outcomes(['a']));
    await bus.check();
    expect(told).toBe(false);
    release();
    await changing;
  });

  test('reads a slow reader of a durable topic back from the journal instead of keeping everything', async () => {
    const bus = await openBus(undefined, 1);
    const total = 30_000;
    const seen: number[] = [];
    let waitingMax = 0;
    const gate = Promise.withResolvers<void>();
    await bus.read({ as: 'group', group: 'slow', from: 'start' }, {
      async auction_outcomes(batch) {
        await gate.promise;
        for (const record of batch) seen.push(record.offset);
      },
    });
    for (let n = 0; n < total; n += 500) {
      const records = Array.from(
        { length: 500 },
        (_, i) => message('auction_outcomes', 0, `a${n + i}`),
      );
      await bus.publish('auction_outcomes', records);
      const depth = bus.depths().find(({ topic }) => topic === 'auction_outcomes')!;
      waitingMax = Math.max(waitingMax, depth.waiting);
    }
    gate.resolve();
    await expect.poll(() => seen.length).toBe(total);
    expect(seen).toEqual(Array.from({ length: total }, (_, n) => n));
    expect(waitingMax).toBeLessThanOrEqual(20_000);
  });

  test('drops and counts what a slow reader of another topic has no room for', async () => {
    let dropped = 0;
    const bus = await createEmbeddedBus({
      partitions: 1,
      onError: (error) => failures.push(error),
      onDrop: (_topic, records) => dropped += records,
    });
    buses.push(bus);
    const gate = Promise.withResolvers<void>();
    let seen = 0;
    await bus.read({ as: 'group', group: 'slow', from: 'end' }, {
      async auction_details(batch) {
        await gate.promise;
        seen += batch.length;
      },
    });
    for (let n = 0; n < 30; n++) {
      const records = Array.from(
        { length: 1_000 },
        (_, i) => message('auction_details', 0, `a${n}-${i}`),
      );
      await bus.publish('auction_details', records);
      await new Promise((resolve) => setImmediate(resolve));
    }
    gate.resolve();
    await expect.poll(() => seen + dropped).toBe(30_000);
    expect(dropped).toBeGreaterThan(0);
  });

  test('refuses a file that is no journal and names it', async () => {
    const path = join(await folder(), 'journal.db');
    await writeFile(path, 'not a database at all, '.repeat(200));
    await expect(openBus(path)).rejects.toMatchObject({
      code: 'corrupt',
      message: expect.stringContaining(path),
    });
  });

  test('refuses fewer partitions than the journal has', async () => {
    const path = join(await folder(), 'journal.db');
    await (await openBus(path, 4)).close();
    await expect(openBus(path, 2)).rejects.toThrow('PARTITIONS=2: the journal has 4 partitions');
  });

  test('has the partitions of the journal when none are asked for, one in a new journal', async () => {
    const [old, fresh] = [join(await folder(), 'journal.db'), join(await folder(), 'journal.db')];
    await (await openBus(old, 3)).close();
    const open = async (path: string): Promise<number> => {
      const onError = (error: unknown): void => void failures.push(error);
      const bus = await createEmbeddedBus({ path, partitions: undefined, onError });
      buses.push(bus);
      return bus.partitions;
    };
    expect(await Promise.all([open(old), open(fresh)])).toEqual([3, 1]);
  });

  test('reads large groups, small ones, and those of older versions back', async () => {
    const path = join(await folder(), 'journal.db');
    const bus = await openBus(path, 1);
    await bus.publish('auction_outcomes', outcomes(idsOf(0, 2)));
    await bus.publish('auction_outcomes', outcomes(idsOf(2, 2_000)));
    await bus.close();
    const db = new DatabaseSync(path);
    const stored =
      `SELECT typeof(records) AS kind, length(CAST(records AS BLOB)) AS bytes FROM batches`;
    const [small, large] = db.prepare(stored).all();
    expect([small!['kind'], large!['kind']]).toEqual(['text', 'blob']);
    expect(Number(large!['bytes'])).toBeLessThan(50 * Number(small!['bytes']));
    const lines = outcomes(idsOf(2_002, 2)).map(({ value }) => JSON.stringify(value)).join('\n');
    db.prepare(`INSERT INTO batches VALUES ('auction_outcomes', 0, 2002, 2, 0, ?)`).run(lines);
    db.close();
    expect(await outcomesIn(path)).toEqual(idsOf(0, 2_004));
  });

  test('reports batches that are damaged, whole and packed, and reads on', async () => {
    const path = join(await folder(), 'journal.db');
    const bus = await openBus(path, 1);
    for (const [first, count] of [[0, 2], [2, 2_000], [2_002, 1]] as const) {
      await bus.publish('auction_outcomes', outcomes(idsOf(first, count)));
    }
    await bus.close();
    const db = new DatabaseSync(path);
    db.exec(`UPDATE batches SET records = '[{' WHERE base = 0`);
    db.exec(`UPDATE batches SET records = CAST(substr(records, 1, 99) AS BLOB) WHERE base = 2`);
    db.close();
    expect(await outcomesIn(path)).toEqual(['a2002']);
    expect(failures.splice(0).map(String)).toEqual([
      expect.stringContaining('Cannot read auction_outcomes/0/0 to 1: it is no JSON'),
      expect.stringContaining('Cannot read auction_outcomes/0/2 to 2001: it is no JSON'),
    ]);
  });

  test('deletes old records that every group has done with, and keeps offsets going', async () => {
    let now = 1_000_000_000_000;
    const path = join(await folder(), 'journal.db');
    const make = () =>
      createEmbeddedBus({ path, partitions: 1, onError: (e) => failures.push(e), now: () => now });
    const bus = await make();
    buses.push(bus);
    const seen: Received<'auction_outcomes'>[] = [];
    const reader = await bus.read({ as: 'group', group: 'analytics', from: 'start' }, {
      auction_outcomes: (batch) => void seen.push(...batch),
    });
    for (const id of ['a', 'b', 'c', 'd']) {
      await bus.publish('auction_outcomes', [message('auction_outcomes', 0, id)]);
    }
    reader.commit('auction_outcomes', 0, 2);
    await reader.flush();
    now += 48 * 3_600_000;
    const kept = (): Promise<string[]> => keptOutcomes(bus);
    await expect.poll(kept).toEqual(['c', 'd']);
    reader.commit('auction_outcomes', 0, 4);
    await expect.poll(kept).toEqual(['d']);
    await bus.publish('auction_outcomes', [message('auction_outcomes', 0, 'e')]);
    await expect.poll(() => seen.at(-1)?.offset).toBe(4);
  });
});
