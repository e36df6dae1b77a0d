import { expect, test } from 'vitest';
import { seededRandom } from '#shared/demo/random.ts';
import { impOutcome } from '../test-records.ts';
import { PRICE_BOUNDS_MICROS } from './classes.ts';
import { createPulseCounter, NAMES_MAX, SAMPLE_MAX } from './pulse.ts';
import { closed, explained, NOW_S, winner } from './test-outcomes.ts';

const counter = (random: () => number = () => 0.999) => createPulseCounter('one', random);

test('sums count auctions, imps and wins, and test auctions bring no revenue', () => {
  const pulses = counter();
  const won = impOutcome({ winner: winner('acme', 1_000_000) });
  const { winner: _, ...lost } = impOutcome();
  pulses.outcome(closed(1, { imps: [won, lost], enriched: true, tookMs: 4 }));
  pulses.outcome(closed(2, { imps: [won], test: true, enriched: false, closedBy: 'deadline' }));
  pulses.outcome(closed(3, { imps: [lost], siteDomain: '' }));
  const pulse = pulses.take(NOW_S)!;
  expect(pulse).toMatchObject({ v: 1, instance: 'one', second: NOW_S, tookMs: [[4, 3]] });
  expect(pulse.rows.map(({ id, test }) => [id, test])).toEqual(
    [3, 2, 1].map((n) => [closed(n).auctionId, n === 2]),
  );
  expect(pulse.sums).toEqual({
    auctions: 3,
    imps: 4,
    won: 2,
    late: 1,
    enriched: 2,
    revenueMicros: 1_000_000,
    priceMicros: 2_000_000,
    bidMicros: 4_000_000,
  });
  expect(pulse.seats).toEqual([{ name: 'acme', won: 2, offered: 0, revenueMicros: 1_000_000 }]);
  expect(pulse.sites).toEqual([
    { name: 'news.example.com', won: 2, offered: 3, revenueMicros: 1_000_000 },
  ]);
});

test('details give prices by fate, and the imps each seat bid on', () => {
  const pulses = counter();
  const [offer] = explained(1).offers;
  pulses.details(explained(1, {
    offers: [
      { ...offer!, priceMicros: PRICE_BOUNDS_MICROS[3]! },
      { ...offer!, seat: 'globex', status: 'lost', priceMicros: PRICE_BOUNDS_MICROS[1]! },
      { ...offer!, status: 'invalid', priceMicros: 0 },
      { ...offer!, impid: '2', status: 'invalid', priceMicros: 0 },
    ],
  }));
  expect(pulses.take(NOW_S)).toMatchObject({
    explained: 1,
    won: [[3, 1]],
    lost: [[1, 1]],
    seats: [{ name: 'acme', won: 0, offered: 2 }, { name: 'globex', won: 0, offered: 1 }],
  });
});

test('nothing counted is no pulse, and a pulse is told once', () => {
  const pulses = counter();
  expect(pulses.take(NOW_S)).toBeUndefined();
  pulses.outcome(closed(1));
  expect(pulses.take(NOW_S)).toBeDefined();
  expect(pulses.take(NOW_S)).toBeUndefined();
});

test('a row shows the dearest imp that was sold, else the first', () => {
  const pulses = counter();
  const { winner: _, ...lost } = impOutcome({ mediaType: 'video', floorMicros: 7 });
  const imps = [
    lost,
    impOutcome({ winner: winner('cheap', 10), mediaType: 'audio' }),
    impOutcome({ winner: winner('dear', 20), floorMicros: 5 }),
  ];
  pulses.outcome(closed(1, { imps }));
  pulses.outcome(closed(2, { imps: [lost] }));
  pulses.outcome(closed(3, { imps: [] }));
  const rows = pulses.take(NOW_S)!.rows;
  expect(rows[2]).toMatchObject({
    id: closed(1).auctionId,
    at: closed(1).issuedAt,
    seat: 'dear',
    priceMicros: 20,
    bidMicros: 40,
    floorMicros: 5,
    mediaType: 'banner',
    imps: 3,
    wonImps: 2,
    bids: 6,
  });
  expect(rows[1]).toMatchObject({ seat: '', priceMicros: 0, mediaType: 'video', floorMicros: 7 });
  expect(rows[0]).toMatchObject({ imps: 0, mediaType: '' });
});

test('of many auctions a bounded sample is shown, each as likely as any other', () => {
  const random = seededRandom(1);
  const shown = new Uint32Array(100);
  const pulses = counter(random);
  for (let round = 0; round < 500; round++) {
    for (let n = 0; n < 100; n++) pulses.outcome(closed(n));
    const { rows } = pulses.take(NOW_S)!;
    expect(rows).toHaveLength(SAMPLE_MAX);
    expect(rows.toSorted((a, b) => b.at - a.at)).toEqual(rows);
    for (const { at } of rows) shown[at - NOW_S * 1000]!++;
  }
  // 500 rounds show each auction 100 times on average.
  expect(Math.min(...shown)).toBeGreaterThan(60);
  expect(Math.max(...shown)).toBeLessThan(140);
});

test('publishers who invent names do not fill the memory', () => {
  const pulses = counter();
  for (let n = 0; n < 10 * NAMES_MAX; n++) {
    pulses.outcome(closed(n, {
      siteDomain: `site-${n}.example`,
      imps: [impOutcome({ winner: winner(`seat-${n}`, 1) })],
    }));
  }
  const pulse = pulses.take(NOW_S)!;
  expect(pulse.sites).toHaveLength(NAMES_MAX);
  expect(pulse.seats).toHaveLength(NAMES_MAX);
  expect(pulse.sums.auctions).toBe(10 * NAMES_MAX);
});
