/** What every bus owes its stages; each engine runs this suite. */
import { afterEach, describe, expect, test } from 'vitest';
import type { ConfigChange } from '../model/catalog.ts';
import { detailRowStart } from '../model/detail-row.ts';
import type { AuctionOutcome, BidRequestMessage, TopicName } from '../model/events.ts';
import type { Assigned, BatchHandler, Bus, Reader, Received, Share } from './bus.ts';

export interface BusUnderTest {
  bus: Bus;
  /** Ends the process's part without closing and opens the same durable topics again. */
  reopen(): Promise<Bus>;
  dispose(): Promise<void>;
}

export function describeBus(
  name: string,
  make: (partitions: number) => Promise<BusUnderTest>,
): void {
  describe(`${name} keeps the bus contract`, () => {
    let under: BusUnderTest;
    const open = async (partitions = 4): Promise<Bus> => {
      under = await make(partitions);
      return under.bus;
    };
    afterEach(() => under.dispose());

    for (const topic of ['bid_requests', 'auction_outcomes'] as const) {
      test(`publish() hands ${topic} to every group, in order within a partition`, async () => {
        const bus = await open();
        const house = await collect(bus, topic, 'house');
        const partners = await collect(bus, topic, 'partners');
        for (let n = 0; n < 50; n++) {
          void bus.publish(topic, [message(topic, n % 3, `a${n}`)]);
        }
        for (const seen of [await house.take(50), await partners.take(50)]) {
          for (const partition of [0, 1, 2]) {
            const ids = seen.filter((r) => r.partition === partition).map((r) => idOf(r));
            const expected = Array.from({ length: 50 }, (_, n) => n).filter((n) =>
              n % 3 === partition
            );
            expect(ids).toEqual(expected.map((n) => `a${n}`));
          }
        }
      });

      test(`read() gives offsets of ${topic} that grow by one within a partition`, async () => {
        const bus = await open();
        const reader = await collect(bus, topic, 'g');
        await bus.publish(topic, [
          message(topic, 1, 'a'),
          message(topic, 2, 'b'),
          message(topic, 1, 'c'),
        ]);
        await bus.publish(topic, [message(topic, 1, 'd')]);
        const seen = await reader.take(4);
        const offsets = seen.filter((r) => r.partition === 1).map((r) => r.offset);
        expect(offsets).toEqual([offsets[0]!, offsets[0]! + 1, offsets[0]! + 2]);
      });
    }

    test('a slice reader gets its partitions only', async () => {
      const bus = await open();
      const seen: string[] = [];
      const reader = await bus.read({ as: 'slice', partitions: [1, 3], from: 'end' }, {
        auction_outcomes: (batch) => void seen.push(...batch.map(idOf)),
      });
      expect(reader.partitions).toEqual([1, 3]);
      const all = await collect(bus, 'auction_outcomes', 'all');
      for (let p = 0; p < 4; p++) {
        await bus.publish('auction_outcomes', [message('auction_outcomes', p, `p${p}`)]);
      }
      await all.take(4);
      // Readers and partitions are in order each for itself.
      await expect.poll(() => seen.toSorted()).toEqual(['p1', 'p3']);
    });

    test('members of a group share the partitions in contiguous ranges, alike for every topic', async () => {
      const bus = await open(8);
      for (const topic of ['bid_requests', 'bid_responses'] as const) {
        const members = [
          await collect(bus, topic, 'auction'),
          await collect(bus, topic, 'auction'),
        ];
        const shares = () => members.map(({ reader }) => reader.partitions);
        await expect.poll(() => shares().map(({ length }) => length)).toEqual([4, 4]);
        // Which member has which is the engine's affair.
        expect(shares().sort(([a], [b]) => a! - b!)).toEqual([[0, 1, 2, 3], [4, 5, 6, 7]]);
      }
    });

    test('a member that leaves hands its partitions to the others', async () => {
      const bus = await open(4);
      const first = await collect(bus, 'bid_requests', 'auction');
      const second = await collect(bus, 'bid_requests', 'auction');
      await first.reader.close();
      await expect.poll(() => second.reader.partitions).toEqual([0, 1, 2, 3]);
      await bus.publish('bid_requests', [message('bid_requests', 0, 'a')]);
      expect((await second.take(1)).map(idOf)).toEqual(['a']);
    });

    test('a group that starts at the end sees nothing older, one at the start everything kept', async () => {
      const bus = await open();
      await bus.publish('auction_outcomes', [message('auction_outcomes', 0, 'old')]);
      const late = await collect(bus, 'auction_outcomes', 'late', 'end');
      const early = await collect(bus, 'auction_outcomes', 'early', 'start');
      await bus.publish('auction_outcomes', [message('auction_outcomes', 0, 'new')]);
      expect((await early.take(2)).map(idOf)).toEqual(['old', 'new']);
      expect((await late.take(1)).map(idOf)).toEqual(['new']);
    });

    test('publish() of a durable topic resolves when the record outlives the process', async () => {
      const bus = await open();
      await bus.publish('auction_outcomes', [message('auction_outcomes', 2, 'kept')]);
      const again = await collect(await under.reopen(), 'auction_outcomes', 'g', 'start');
      expect((await again.take(1)).map(idOf)).toEqual(['kept']);
    });

    test('a group goes on where it had committed, with its note', async () => {
      const bus = await open();
      const before = await collect(bus, 'auction_outcomes', 'analytics', 'start');
      await bus.publish(
        'auction_outcomes',
        ['a', 'b', 'c'].map((id) => message('auction_outcomes', 1, id)),
      );
      const [, second] = await before.take(3);
      before.reader.commit('auction_outcomes', 1, second!.offset, 'range 0-1');
      await before.reader.flush();
      const again = await under.reopen();
      const shares: Share[] = [];
      const after = await collect(again, 'auction_outcomes', 'analytics', 'start', (share) => {
        shares.push(share);
      });
      expect((await after.take(2)).map(idOf)).toEqual(['b', 'c']);
      expect(shares[0]!.position('auction_outcomes', 1))
        .toEqual({ offset: second!.offset, note: 'range 0-1' });
      expect(shares[0]!.position('auction_outcomes', 0)?.note ?? '').toBe('');
    });

    test('records wait for assigned(), which may begin elsewhere', async () => {
      const bus = await open();
      const ids = ['a', 'b', 'c', 'd'];
      await bus.publish('auction_outcomes', ids.map((id) => message('auction_outcomes', 2, id)));
      const before = await collect(bus, 'auction_outcomes', 'before');
      const offsets = (await before.take(4)).map(({ offset }) => offset);
      const gate = Promise.withResolvers<void>();
      const late = await collect(bus, 'auction_outcomes', 'late', 'start', async (share) => {
        expect(share.partitions).toEqual([0, 1, 2, 3]);
        await gate.promise;
        share.startAt('auction_outcomes', 2, offsets[2]!);
      });
      await bus.publish('auction_outcomes', [message('auction_outcomes', 2, 'e')]);
      await before.take(5);
      expect(late.seen).toEqual([]);
      gate.resolve();
      expect((await late.take(3)).map(idOf)).toEqual(['c', 'd', 'e']);
    });

    test('each change of a share is told before its records', async () => {
      const bus = await open(4);
      const told: string[] = [];
      const tell = (name: string) => ({ partitions }: Share): void =>
        void told.push(`${name} ${partitions.join('')}`);
      const first = await collect(bus, 'bid_requests', 'auction', 'end', tell('first'));
      const second = await collect(bus, 'bid_requests', 'auction', 'end', tell('second'));
      // Which half is whose is the engine's affair.
      await expect.poll(() => told.toSorted()).toContainEqual(
        expect.stringMatching(/^second (01|23)$/),
      );
      const other = told.includes('second 01') ? 'first 23' : 'first 01';
      await expect.poll(() => told).toEqual(expect.arrayContaining(['first 0123', other]));
      await first.reader.close();
      await expect.poll(() => told.at(-1)).toBe('second 0123');
      expect(second.reader.partitions).toEqual([0, 1, 2, 3]);
    });

    test('a slice begins at the offsets it names', async () => {
      const bus = await open();
      const ids = ['a', 'b', 'c'];
      await bus.publish('auction_outcomes', ids.map((id) => message('auction_outcomes', 1, id)));
      const group = await collect(bus, 'auction_outcomes', 'g');
      const offset = (await group.take(3))[1]!.offset;
      const seen: string[] = [];
      const slice = { as: 'slice', partitions: [1], from: new Map([[1, offset]]) } as const;
      const reader = await bus.read(slice, {
        auction_outcomes: (batch) => void seen.push(...batch.map(idOf)),
      });
      await reader.caughtUp;
      expect(seen).toEqual(['b', 'c']);
    });

    test('topics read together are shared alike', async () => {
      const bus = await open(4);
      const members = [0, 1].map(() => ({
        requests: new Set<number>(),
        answers: new Set<number>(),
      }));
      const readers: Reader[] = [];
      for (const { requests, answers } of members) {
        readers.push(
          await bus.read({ as: 'group', group: 'auction', from: 'end' }, {
            bid_requests: (batch) => batch.forEach(({ partition }) => requests.add(partition)),
            bid_responses: (batch) => batch.forEach(({ partition }) => answers.add(partition)),
          }),
        );
      }
      await expect.poll(() => readers.map(({ partitions }) => partitions.length)).toEqual([2, 2]);
      for (let p = 0; p < 4; p++) {
        await bus.publish('bid_requests', [message('bid_requests', p, `p${p}`)]);
        await bus.publish('bid_responses', [message('bid_responses', p, `p${p}`) as never]);
      }
      await expect.poll(() => members.flatMap(({ answers }) => [...answers]).sort())
        .toEqual([0, 1, 2, 3]);
      await expect.poll(() => members.map(({ requests }) => requests))
        .toEqual(members.map(({ answers }) => answers));
    });

    test('offsets are not given twice across a restart', async () => {
      const bus = await open();
      for (const topic of ['auction_details', 'auction_outcomes'] as const) {
        const first = await collect(bus, topic, 'g');
        await bus.publish(topic, [message(topic, 0, 'a')]);
        await first.take(1);
      }
      const again = await under.reopen();
      for (const topic of ['auction_details', 'auction_outcomes'] as const) {
        const reader = await collect(again, topic, 'h', 'end');
        await again.publish(topic, [message(topic, 0, 'b')]);
        const [record] = await reader.take(1);
        expect(idOf(record!)).toBe('b');
        expect(record!.offset).toBeGreaterThan(0);
      }
    });

    test('`all` readers see every record of a one-partition topic from the start, then what comes', async () => {
      const bus = await open();
      const change = (id: string): { partition: number; value: ConfigChange } => ({
        partition: 0,
        value: { v: 1, at: 1, actor: 'test', id, kind: 'marker', value: { id } },
      });
      await bus.publish('config_changes', [change('one'), change('two')]);
      const seen: string[] = [];
      const reader = await bus.read({ as: 'all', from: 'start' }, {
        config_changes: (batch) => void seen.push(...batch.map(({ value }) => value.id)),
      });
      await reader.caughtUp;
      expect(seen).toEqual(['one', 'two']);
      await bus.publish('config_changes', [change('three')]);
      await expect.poll(() => seen).toEqual(['one', 'two', 'three']);
    });

    test('a handler that returns a promise gets one batch at a time and loses nothing', async () => {
      const bus = await open();
      const seen: string[] = [];
      let running = 0;
      let most = 0;
      await bus.read({ as: 'group', group: 'slow', from: 'start' }, {
        async auction_outcomes(batch) {
          most = Math.max(most, ++running);
          await new Promise((resolve) => setTimeout(resolve, 5));
          seen.push(...batch.map(idOf));
          running--;
        },
      });
      const ids = Array.from({ length: 30 }, (_, n) => `a${n}`);
      for (const id of ids) {
        await bus.publish('auction_outcomes', [message('auction_outcomes', 0, id)]);
      }
      await expect.poll(() => seen).toEqual(ids);
      expect(most).toBe(1);
    });

    test('publish() to a partition that is not there rejects and names it', async () => {
      const bus = await open(2);
      await expect(bus.publish('bid_requests', [message('bid_requests', 2, 'a')]))
        .rejects.toThrow('Cannot publish to bid_requests: there is no partition 2');
    });

    test('publish() and check() reject once the bus is closed', async () => {
      const bus = await open();
      await bus.check();
      await bus.close();
      await expect(bus.publish('bid_requests', [message('bid_requests', 0, 'a')])).rejects.toThrow(
        'closed',
      );
      await expect(bus.check()).rejects.toThrow('closed');
    });
  });
}

type AuctionTopic = Exclude<TopicName, 'config_changes'>;

/** Enough of a message of any auction topic to travel; the bus looks at nothing in it. */
export function message<T extends AuctionTopic>(_topic: T, partition: number, auctionId: string) {
  const value = { ...ANY_MESSAGE, auctionId, row: [detailRowStart(auctionId)] };
  return { partition, value: value as unknown as AuctionOutcome & BidRequestMessage } as never;
}

const ANY_MESSAGE = {
  v: 1,
  traceparent: '',
  issuedAt: 0,
  deadline: Number.MAX_SAFE_INTEGER,
  publisherId: '',
  source: 'simple',
  request: { id: 'r', imp: [] },
  groups: [],
  receivedAt: 0,
  group: 'house',
  tookMs: 0,
  seats: [],
  requestId: '',
  userId: '',
  currency: 'USD',
  imps: [],
  offers: [],
  kind: 'undelivered',
  at: 0,
};

/** The ids of all outcomes the bus gives back. */
export async function keptOutcomes(bus: Bus): Promise<string[]> {
  const ids: string[] = [];
  const all = await bus.read({ as: 'all', from: 'start' }, {
    auction_outcomes: (batch) => void ids.push(...batch.map(idOf)),
  });
  await all.caughtUp;
  await all.close();
  return ids;
}

export function idOf(record: Received<TopicName>): string {
  return (record.value as AuctionOutcome).auctionId;
}

async function collect<T extends AuctionTopic>(
  bus: Bus,
  topic: T,
  group: string,
  from: 'start' | 'end' = 'start',
  assigned?: Assigned,
) {
  const seen: Received<T>[] = [];
  const handler: BatchHandler<T> = (batch) => void seen.push(...batch);
  const options = { as: 'group', group, from, ...(assigned && { assigned }) } as const;
  const reader = await bus.read(options, { [topic]: handler });
  return {
    reader,
    seen,
    async take(count: number): Promise<Received<T>[]> {
      await expect.poll(() => seen.length).toBeGreaterThanOrEqual(count);
      return seen.slice(0, count);
    },
  };
}
