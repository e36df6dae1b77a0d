import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Bus, Received } from '#shared/bus/bus.ts';
import { createEmbeddedBus } from '#shared/bus/embedded.ts';
import { type CatalogView, followCatalog } from '#shared/catalog-view.ts';
import { createLog } from '#shared/log.ts';
import { createMetrics } from '#shared/metrics.ts';
import { makeAuctionId } from '#shared/model/auction-id.ts';
import { type DetailsRow, readDetailRow } from '#shared/model/detail-row.ts';
import type { BidRequestMessage, BidResponseMessage } from '#shared/model/events.ts';
import type { Service } from '#shared/service.ts';
import { createAuction } from './app.ts';
import { commitmentOf, missingSalts, utcDay } from './salts.ts';

const NOW = Date.parse('2026-11-22T10:00:00Z');
let now = NOW;
let bus: Bus;
let catalog: CatalogView;
let auction: Service;
const outcomes: Received<'auction_outcomes'>[] = [];
const details: Received<'auction_details'>[] = [];
const failures: unknown[] = [];

beforeEach(async () => {
  now = NOW;
  bus = await createEmbeddedBus({ partitions: 2, onError: (error) => failures.push(error) });
  catalog = await followCatalog(bus, (error) => failures.push(error));
  await bus.read({ as: 'group', group: 'test', from: 'end' }, {
    auction_outcomes: (batch) => void outcomes.push(...batch),
    auction_details: (batch) => void details.push(...batch),
  });
  auction = createAuction({
    bus,
    catalog,
    clock: { now: () => now },
    log: createLog('silent'),
    metrics: createMetrics(),
    defaultFloorMicros: 300_000,
    detailSample: 1,
  });
  await auction.start();
  await catalog.publish(['house', 'partners'].map((group) => {
    const id = `seat-${group}`;
    return {
      v: 1,
      at: NOW,
      actor: 't',
      kind: 'bidder',
      id,
      value: { id, name: id, group, active: true },
    };
  }));
});
afterEach(async () => {
  await auction.close();
  await catalog.close();
  await bus.close();
  outcomes.length = details.length = 0;
  expect(failures.splice(0)).toEqual([]);
});

function request(groups: string[], partition = 1): { partition: number; value: BidRequestMessage } {
  const value: BidRequestMessage = {
    v: 1,
    auctionId: makeAuctionId(NOW, partition, new Uint8Array(12)),
    traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    issuedAt: NOW,
    deadline: NOW + 100,
    receivedAt: NOW,
    publisherId: 'demo',
    source: 'openrtb',
    groups,
    request: {
      id: 'r',
      imp: [{ id: '1', banner: { w: 300, h: 250 }, bidfloor: 0.2 }],
      site: { domain: 'a.example' },
    },
  };
  return { partition, value };
}

function answer(group: string, cpm: number): { partition: number; value: BidResponseMessage } {
  const { partition, value } = request([]);
  const { v, auctionId, traceparent, issuedAt, deadline } = value;
  const bid = {
    id: `b-${group}`,
    impid: '1',
    priceMicros: cpm * 1e6,
    currency: 'USD',
    mtype: 1,
    adm: '<p>',
  };
  const ad = { adomain: ['x.example'], crid: 'k', cid: 'c', cat: [], attr: [], w: 300, h: 250 };
  const seats = [{ seat: `seat-${group}`, bids: [{ ...bid, ...ad }], noBids: [] }];
  return {
    partition,
    value: {
      v,
      auctionId,
      traceparent,
      issuedAt,
      deadline,
      group,
      enriched: true,
      tookMs: 1,
      seats,
    },
  };
}

function rowOf({ value }: Received<'auction_details'>): DetailsRow {
  return readDetailRow(value.row.join(''));
}

describe('createAuction()', () => {
  test('closes when all groups have answered, on the partition of the request', async () => {
    await bus.publish('bid_requests', [request(['house', 'partners'])]);
    await bus.publish('bid_responses', [answer('house', 1), answer('partners', 0.8)]);
    await expect.poll(() => outcomes.length).toBe(1);
    expect(outcomes[0]).toMatchObject({
      partition: 1,
      value: {
        closedBy: 'all_answered',
        groupsAnswered: 2,
        siteDomain: 'a.example',
        enriched: true,
        imps: [{ winner: { seat: 'seat-house', bidMicros: 1_000_000, priceMicros: 810_000 } }],
      },
    });
    await expect.poll(() => details.length).toBe(1);
    expect(details[0]!.value.offers).toHaveLength(2);
    const { fates, missing } = rowOf(details[0]!);
    expect(JSON.parse(fates)).toHaveLength(2);
    expect(missing).toBe('[]');
  });

  test('closes at the deadline with what has come, and names who is missing', async () => {
    await bus.publish('bid_requests', [request(['house', 'partners'])]);
    await bus.publish('bid_responses', [answer('house', 1)]);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(outcomes).toEqual([]);
    now = NOW + 85;
    await expect.poll(() => outcomes.length).toBe(1);
    expect(outcomes[0]!.value).toMatchObject({
      closedBy: 'deadline',
      groupsExpected: 2,
      groupsAnswered: 1,
      imps: [{ winner: { priceMicros: 200_000 } }],
    });
    await expect.poll(() => details.length).toBe(1);
    expect(rowOf(details[0]!).missing).toBe(`['partners']`);
  });

  test.each([[0.25, undefined], [1, 300_000]])(
    'an imp without a floor has the exchange’s: a bid of %d pays %s',
    async (cpm, priceMicros) => {
      const asked = request(['house']);
      delete asked.value.request.imp[0]!.bidfloor;
      await bus.publish('bid_requests', [asked]);
      await bus.publish('bid_responses', [answer('house', cpm)]);
      await expect.poll(() => outcomes.length).toBe(1);
      const [imp] = outcomes[0]!.value.imps;
      expect([imp!.floorMicros, imp!.winner?.priceMicros]).toEqual([300_000, priceMicros]);
    },
  );

  test('leaves out seats that are not the answering group’s own', async () => {
    await bus.publish('bid_requests', [request(['house', 'partners'])]);
    const stolen = answer('partners', 9);
    stolen.value.seats[0]!.seat = 'seat-house';
    await bus.publish('bid_responses', [answer('house', 1), stolen]);
    await expect.poll(() => outcomes.length).toBe(1);
    expect(outcomes[0]!.value.imps[0]).toMatchObject({ bids: 1, winner: { bidMicros: 1_000_000 } });
  });

  test('an auction that cannot be closed takes no other with it', async () => {
    const stranger = request([]);
    stranger.value.auctionId = makeAuctionId(0, 1, new Uint8Array(12));
    await bus.publish('bid_requests', [stranger, request([])]);
    await expect.poll(() => outcomes.length).toBe(1);
    expect(outcomes[0]!.value.auctionId).toBe(request([]).value.auctionId);
  });

  test('close() closes what is open instead of losing it', async () => {
    await bus.publish('bid_requests', [request(['house'])]);
    await new Promise((resolve) => setImmediate(resolve));
    await auction.close();
    await expect.poll(() => outcomes.length).toBe(1);
  });

  test('start() makes salts for today and tomorrow, and details name the commitment only', async () => {
    expect([...catalog.current.salt.keys()]).toEqual(['2026-11-22', '2026-11-23']);
    await bus.publish('bid_requests', [request([])]);
    await expect.poll(() => details.length).toBe(1);
    const { salt } = catalog.current.salt.get('2026-11-22')!;
    expect(JSON.parse(rowOf(details[0]!).salt)).toEqual({
      day: '2026-11-22',
      commitment: commitmentOf(salt),
    });
    expect(JSON.stringify(details[0]!.value)).not.toContain(salt);
  });

  test('makes the salts that an auction misses, as after days of sleep', async () => {
    now = NOW + 3 * 86_400_000;
    const later = request([]);
    later.value.auctionId = makeAuctionId(now, 1, new Uint8Array(12));
    later.value.deadline = now + 100;
    await bus.publish('bid_requests', [later]);
    const days = ['2026-11-22', '2026-11-23', '2026-11-25', '2026-11-26'];
    await expect.poll(() => [...catalog.current.salt.keys()]).toEqual(days);
    await bus.publish('bid_requests', [later]);
    await expect.poll(() => outcomes.length).toBe(1);
  });
});

describe('missingSalts()', () => {
  test('are made when readiness misses them', async () => {
    now = NOW + 7 * 86_400_000;
    await expect(auction.ready()).rejects.toThrow('There is no salt for today');
    await expect.poll(() => catalog.current.salt.has(utcDay(now))).toBe(true);
    await auction.ready();
  });

  test('keeps the first salt of a day', async () => {
    const before = catalog.current.salt.get(utcDay(NOW))!.salt;
    expect(missingSalts(catalog.current, NOW)).toEqual([]);
    const other = { id: utcDay(NOW), salt: 'f'.repeat(64) };
    await catalog.publish([{
      v: 1,
      at: NOW,
      actor: 'other',
      kind: 'salt',
      id: other.id,
      value: other,
    }]);
    expect(catalog.current.salt.get(utcDay(NOW))!.salt).toBe(before);
  });
});
