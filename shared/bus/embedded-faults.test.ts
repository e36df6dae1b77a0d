/** What the embedded bus does when its journal or its disk does not do what it should. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Bus } from './bus.ts';
import { idOf, keptOutcomes, message } from './contract.ts';
import { createEmbeddedBus, type EmbeddedBusOptions } from './embedded.ts';
import { type Journal, openJournal } from './journal.ts';

const HOUR_MS = 3_600_000;

let folder: string;
let path: string;
let errors: Error[];
const buses: Bus[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'helios-bus-'));
  path = join(folder, 'journal.db');
  errors = [];
});
afterEach(async () => {
  await Promise.all(buses.splice(0).map((bus) => bus.close().catch(() => {})));
  await rm(folder, { recursive: true, force: true });
});

async function open(
  options: Partial<EmbeddedBusOptions> = {},
  change: (journal: Journal) => Partial<Journal> = () => ({}),
): Promise<Bus> {
  const onError = (error: unknown): void => void errors.push(error as Error);
  const bus = await createEmbeddedBus(
    { path, partitions: 1, onError, ...options },
    async (...args) => {
      const journal = await openJournal(...args);
      return { ...journal, ...change(journal) };
    },
  );
  buses.push(bus);
  return bus;
}

const publish = (bus: Bus, ...ids: string[]): Promise<void[]> =>
  Promise.all(
    ids.map((id) => bus.publish('auction_outcomes', [message('auction_outcomes', 0, id)])),
  );

test('old records wait for a group that has a position and is not there, for a week', async () => {
  let now = 1_000_000_000_000;
  const before = await open({ now: () => now });
  const reader = await before.read({ as: 'group', group: 'g', from: 'start' }, {
    auction_outcomes() {},
  });
  for (const id of ['a', 'b', 'c', 'd']) await publish(before, id);
  reader.commit('auction_outcomes', 0, 1);
  await before.close();

  now += 48 * HOUR_MS;
  const bus = await open({ now: () => now });
  // The one it has read goes, so the timer has been here.
  await expect.poll(() => keptOutcomes(bus)).toEqual(['b', 'c', 'd']);
  await bus.close();

  now += 6 * 24 * HOUR_MS;
  const late = await open({ now: () => now });
  await expect.poll(() => keptOutcomes(late)).toEqual(['d']);
  await late.close();
  expect(errors).toEqual([]);

  const last = await open({ now: () => now });
  await last.read({ as: 'group', group: 'g', from: 'start' }, { auction_outcomes() {} });
  expect(errors).toMatchObject([{
    message: '2 records of auction_outcomes/0 were gone before g read them',
  }]);
});

test('a journal that cannot be read is tried again with growing waits, and closing ends them', async () => {
  await publish(await open(), 'a');
  await buses.splice(0)[0]!.close();
  let fails = true;
  const bus = await open({}, ({ call }) => ({
    call: (request) =>
      request.op === 'read' && fails ? Promise.reject(new Error('bad page')) : call(request),
  }));
  const seen: string[] = [];
  const begun = performance.now();
  const reader = await bus.read({ as: 'group', group: 'g', from: 'start' }, {
    auction_outcomes: (batch) => void seen.push(...batch.map(idOf)),
  });
  await expect.poll(() => errors.length, { timeout: 10_000, interval: 10 }).toBe(4);
  // 100, 200 and 400 ms lie between four of them.
  expect(performance.now() - begun).toBeGreaterThan(690);
  fails = false;
  await reader.caughtUp;
  expect(seen).toEqual(['a']);
});

test('who publishes waits for another that writes to the journal, and nobody else does', async () => {
  const bus = await open();
  const passed: string[] = [];
  await bus.read({ as: 'group', group: 'g', from: 'end' }, {
    bid_requests: (batch) => void passed.push(...batch.map(idOf)),
  });
  const other = new DatabaseSync(path);
  other.exec('BEGIN IMMEDIATE');
  let told = false;
  const published = publish(bus, 'a', 'b').then(() => told = true);
  await bus.publish('bid_requests', [message('bid_requests', 0, 'c')]);
  await expect.poll(() => passed).toEqual(['c']);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(told).toBe(false);
  other.exec('COMMIT');
  other.close();
  await published;
  expect(await keptOutcomes(bus)).toEqual(['a', 'b']);
});

test('a group that cannot be appended fails those who published it, the next one is stored', async () => {
  let fails = true;
  const bus = await open({}, ({ append }) => ({
    append(...args) {
      if (fails) throw new Error('disk is full');
      return append(...args);
    },
  }));
  await expect(publish(bus, 'a', 'b')).rejects.toThrow('disk is full');
  fails = false;
  await publish(bus, 'c');
  expect(await keptOutcomes(bus)).toEqual(['c']);
});

test('positions that could not be stored are stored with the next ones', async () => {
  let fails = true;
  const bus = await open({}, ({ call }) => ({
    call: (request) =>
      request.op === 'commit' && fails ? Promise.reject(new Error('disk is full')) : call(request),
  }));
  const reader = await bus.read({ as: 'group', group: 'g', from: 'start' }, {
    auction_outcomes() {},
  });
  await publish(bus, 'a', 'b');
  reader.commit('auction_outcomes', 0, 2, 'noted');
  await expect(reader.flush()).rejects.toThrow('disk is full');
  fails = false;
  await reader.flush();
  await bus.close();

  const again = await open();
  const assigned = vi.fn();
  await again.read({ as: 'group', group: 'g', from: 'start', assigned }, { auction_outcomes() {} });
  expect(assigned.mock.calls[0]![0].position('auction_outcomes', 0)).toEqual({
    offset: 2,
    note: 'noted',
  });
});

test('flushed positions lie on the disk', async () => {
  let syncs = 0;
  const bus = await open({}, ({ sync }) => ({ sync: () => sync!().then(() => void syncs++) }));
  const reader = await bus.read({ as: 'group', group: 'g', from: 'start' }, {
    auction_outcomes() {},
  });
  reader.commit('auction_outcomes', 0, 0, 'noted');
  await reader.flush();
  expect(syncs).toBe(1);
});

test('a disk that fails ends the bus: nothing is handed on that may be lost', async () => {
  const onFatal = vi.fn();
  const seen: string[] = [];
  let fails = false;
  const bus = await open({ onFatal }, ({ sync }) => ({
    sync: () => fails ? Promise.reject(new Error('EIO')) : sync!(),
  }));
  await bus.read({ as: 'all', from: 'start' }, {
    auction_outcomes: (batch) => void seen.push(...batch.map(idOf)),
  });
  await publish(bus, 'a');
  await expect.poll(() => seen).toEqual(['a']);
  fails = true;
  // The publisher's promise is kept: the journal outlives the process.
  await publish(bus, 'b');
  await expect.poll(() => onFatal).toHaveBeenCalledOnce();
  fails = false;
  await expect(publish(bus, 'c')).rejects.toThrow('the disk failed');
  await expect(bus.check()).rejects.toThrow('the disk failed');
  await bus.close();
  expect(seen).toEqual(['a']);
  expect(await keptOutcomes(await open())).toEqual(['a', 'b']);
});

test('what waits for a disk that fails is stored as far as the journal, and the bus closes', async () => {
  const failure = Promise.withResolvers<void>();
  const onFatal = vi.fn();
  const bus = await open({ onFatal }, () => ({ sync: () => failure.promise }));
  const many = Array.from({ length: 20_001 }, (_, n) => message('auction_outcomes', 0, `a${n}`));
  await bus.publish('auction_outcomes', many);
  const waiting = publish(bus, 'b');
  failure.reject(new Error('EIO'));
  await waiting;
  expect(onFatal).toHaveBeenCalledOnce();
  await bus.close();
  expect((await keptOutcomes(await open())).at(-1)).toBe('b');
});

test('a bus whose journal has ended says so and closes', async () => {
  const onFatal = vi.fn();
  let end = (): void => {};
  const bus = await open({ onFatal }, ({ append, call }) => {
    let ended = false;
    end = () => ended = true;
    const failure = new Error('its thread ended');
    return {
      append(...args) {
        if (ended) throw failure;
        return append(...args);
      },
      call: (request) => ended ? Promise.reject(failure) : call(request),
    };
  });
  const reader = await bus.read({ as: 'group', group: 'g', from: 'start' }, {
    auction_outcomes() {},
  });
  await publish(bus, 'a');
  end();
  reader.commit('auction_outcomes', 0, 1);
  await expect(publish(bus, 'b')).rejects.toThrow('its thread ended');
  await expect(bus.check()).rejects.toThrow('its thread ended');
  await expect(bus.close()).rejects.toThrow('its thread ended');
  expect(onFatal).not.toHaveBeenCalled();
});
