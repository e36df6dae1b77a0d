/** What holds for every auction; single cases are the scenarios in tests/auctions. */
import type {
  AuctionRules,
  BidFate,
  BidOffer,
  BidResponseMessage,
  ImpOutcome,
} from '#shared/model/events.ts';
import { cpmToMicros, PRICE_MICROS_MAX } from '#shared/model/money.ts';
import type { BidRequest, Imp } from '#shared/model/openrtb.ts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runAuction } from './run-auction.ts';
import { drawHash } from './tie-break.ts';

const AUCTION_ID = 'auction-1';
const SALT = 'salt';
const RULES: AuctionRules = { incrementMicros: 10_000, defaultFloorMicros: 50_000 };
/** Fixed, so that a run repeats; raise the runs to search further. */
const SEARCH = { numRuns: 600, seed: 20_261_122 };

/** The fates of bids that may win: the winner's, lost to a higher bid, lost to a deal. */
const MAY_WIN = [0, 102, 103];

type Placed = { group: string; seat: string; bid: BidOffer };
type Market = { request: BidRequest; placed: Placed[] };

describe('runAuction()', () => {
  test('never charges above the bid nor below the floor', () => {
    forEachWinner((_market, { winner, floorMicros: told }, floorMicros) => {
      expect(told).toBe(floorMicros);
      expect(winner!.priceMicros).toBeLessThanOrEqual(winner!.bidMicros);
      expect(winner!.priceMicros).toBeGreaterThanOrEqual(floorMicros);
    });
  });

  test('gives the same result in whatever order answers, seats and bids come', () => {
    fc.assert(
      fc.property(markets(), fc.integer(), ({ request, placed }, seed) => {
        const shuffled = shuffle(placed, seed);
        expect(run(request, shuffled)).toEqual(run(request, placed));
      }),
      SEARCH,
    );
  });

  test('gives every bid exactly one fate', () => {
    fc.assert(
      fc.property(markets(), ({ request, placed }) => {
        const { fates, imps } = run(request, placed);
        expect(fates.map(nameOfFate).sort()).toEqual(placed.map(nameOfBid).sort());
        const winners = imps.filter((imp) => imp.winner !== undefined);
        expect(fates.filter((fate) => fate.status === 'won')).toHaveLength(winners.length);
      }),
      SEARCH,
    );
  });

  test('lets the highest eligible bid win, and only that', () => {
    forEachWinner(({ request, placed }, { impid, winner, eligible }) => {
      const { fates } = run(request, placed);
      const rivals = fates.filter((fate) => fate.impid === impid && MAY_WIN.includes(fate.loss));
      expect(eligible).toBe(rivals.length);
      expect(winner!.bidMicros).toBe(Math.max(...rivals.map((rival) => rival.priceMicros)));
      for (const rival of rivals) {
        const bid = placed.filter((one) => nameOfBid(one) === nameOfFate(rival));
        expect(winnerOf(run(request, bid), impid)?.bidId, 'wins alone').toBe(rival.bidId);
      }
    });
  });

  test('never lowers a second price when a lower bid joins', () => {
    forEachWinner(({ request, placed }, { impid, winner }) => {
      fc.pre(request.at !== 1);
      const bid = { ...offer('joined', impid), priceMicros: winner!.bidMicros - 1 };
      const after = winnerOf(
        run(request, [...placed, { group: 'late', seat: 'late', bid }]),
        impid,
      );
      expect(after!.bidId).toBe(winner!.bidId);
      expect(after!.priceMicros).toBeGreaterThanOrEqual(winner!.priceMicros);
    });
  });

  test('lets the next eligible bid win when the winner is removed', () => {
    forEachWinner(({ request, placed }, { impid, winner }) => {
      const { fates } = run(request, placed);
      const next = fates.filter((fate) =>
        fate.impid === impid && fate.loss !== 0 && MAY_WIN.includes(fate.loss)
      );
      const rest = placed.filter(({ seat, bid }) =>
        seat !== winner!.seat || bid.id !== winner!.bidId || bid.impid !== impid
      );
      const heir = winnerOf(run(request, rest), impid);
      expect(heir?.bidMicros).toBe(next[0]?.priceMicros);
      const tied = next.filter((fate) => fate.priceMicros === heir?.bidMicros);
      if (tied.length === 1) expect(heir!.bidId).toBe(tied[0]!.bidId);
    });
  });

  test('gives the win of a tie to the lowest hash among the seats', () => {
    let ties = 0;
    forEachWinner(({ request, placed }, { impid, winner }) => {
      const drawn = run(request, placed).fates.filter((fate) =>
        fate.impid === impid && fate.draw !== undefined
      );
      if (drawn.length === 0) return;
      ties++;
      expect(drawn.length).toBeGreaterThan(1);
      expect(new Set(drawn.map((fate) => fate.seat)).size).toBe(drawn.length);
      const [lowest] = drawn.toSorted((a, b) => (a.draw! < b.draw! ? -1 : 1));
      expect(winner!.bidId).toBe(lowest!.bidId);
      for (const { seat, draw } of drawn) {
        expect(draw).toBe(drawHash(AUCTION_ID, impid, seat, SALT));
      }
    });
    expect(ties).toBeGreaterThan(50);
  });

  test('spreads 100,000 ties of three seats evenly', () => {
    const ties = 100_000;
    const request: BidRequest = { id: 'r', imp: [{ id: '1', native: { request: '{}' } }] };
    const seats = ['acme', 'bolt', 'cargo'];
    const bids = seats.map((seat) => ({ ...offer(`${seat}-1`, '1'), mtype: 4 }));
    const answers = toAnswers(bids.map((bid, i) => ({ group: 'house', seat: seats[i]!, bid })));
    const wins = new Map(seats.map((seat) => [seat, 0]));
    for (let i = 0; i < ties; i++) {
      const { imps } = runAuction({ auctionId: `auction-${i}`, request }, answers, RULES, SALT);
      const { seat } = imps[0]!.winner!;
      wins.set(seat, wins.get(seat)! + 1);
    }
    for (const count of wins.values()) expect(Math.abs(count / ties - 1 / 3)).toBeLessThan(0.01);
  }, 60_000);

  test('gives a fate to whatever a bid may hold', () => {
    const fields = Object.keys({ ...offer('b', '1'), dur: 1, dealid: '' });
    const broken = fc.dictionary(fc.constantFrom(...fields), hostile(), { maxKeys: 3 })
      .map((changes): unknown => ({ ...offer('b', '1'), ...changes }));
    fc.assert(
      fc.property(fc.array(fc.oneof(broken, hostile()), { maxLength: 4 }), (bids) => {
        const placed = bids.map((bid) => ({ group: 'g', seat: 's', bid: bid as BidOffer }));
        const { fates } = run(guarded(), placed);
        expect(fates).toHaveLength(bids.length);
        expect(JSON.parse(JSON.stringify(fates))).toEqual(fates);
      }),
      { ...SEARCH, numRuns: 2_000 },
    );
  });

  test('tells fates by imp, the winner first, then by price who lost, then the invalid', () => {
    const offers = [
      ...[['x2', '9', 1], ['x1', '8', 2], ['b', '2', 3], ['low', '1', 4], ['mid', '1', 5]],
      ...[['bad', '1', 6], ['top', '1', 5.5], ['worse', '1', 7]],
    ] as [string, string, number][];
    const placed = offers.map(([id, impid, cpm]) => {
      const bid = { ...offer(id, impid), priceMicros: cpmToMicros(cpm), w: cpm > 5.5 ? 1 : 300 };
      return { group: 'g', seat: 's', bid };
    });
    const imp = [{ id: '1', banner: { w: 300, h: 250 } }, { id: '2', banner: { w: 300, h: 250 } }];
    const { fates } = run({ id: 'r', imp }, placed);
    const order = ['top', 'mid', 'low', 'worse', 'bad', 'b', 'x1', 'x2'];
    expect(fates.map((fate) => fate.bidId)).toEqual(order);
  });

  test('hands on what the answer needs of the winner and the imp', () => {
    const bid = { ...offer('b', '1'), priceMicros: 2_000_000, dealid: 'd1' };
    const imp = {
      ...{ id: '1', tagid: 'top', banner: { w: 300, h: 250 } },
      pmp: { deals: [{ id: 'd1', bidfloor: 0.5 }] },
    };
    const { imps } = run({ id: 'r', imp: [imp, { id: '2' }] }, [{ group: 'g', seat: 's', bid }]);
    const winner = {
      ...{ seat: 's', group: 'g', bidId: 'b', cid: 'c', crid: 'cr', adomain: ['fine.example'] },
      ...{ mtype: 1, bidMicros: 2_000_000, priceMicros: 500_000, dealid: 'd1', w: 300, h: 250 },
      adm: '<p>ad</p>',
    };
    expect(imps).toEqual([
      {
        ...{ impid: '1', mediaType: 'banner', tagid: 'top', floorMicros: 500_000 },
        ...{ bids: 1, eligible: 1, winner },
      },
      {
        ...{ impid: '2', mediaType: '', tagid: '', floorMicros: 50_000, bids: 0, eligible: 0 },
      },
    ]);
  });

  test('records a price that is an amount and zero for any other', () => {
    const prices = [
      Number.NaN,
      Number.POSITIVE_INFINITY,
      -1,
      PRICE_MICROS_MAX + 1,
      PRICE_MICROS_MAX,
    ];
    const placed = prices.map((priceMicros, i) => ({
      ...{ group: 'g', seat: 's' },
      bid: { ...offer(`b${i}`, '1'), priceMicros },
    }));
    const { fates } = run(guarded(), placed);
    const recorded = new Map(fates.map((fate) => [fate.bidId, [fate.loss, fate.priceMicros]]));
    expect([...'01234'].map((i) => recorded.get(`b${i}`))).toEqual([
      ...[[9, 0], [3, 0], [3, 0], [3, 0]],
      [0, PRICE_MICROS_MAX],
    ]);
  });

  test('tells repeated ids apart from others among hundreds of bids', () => {
    const placed = Array.from({ length: 300 }, (_, i) => ({
      ...{ group: 'g', seat: `s${i % 3}` },
      bid: { ...offer(i < 6 ? 'same' : `b${i}`, '1'), adomain: ['fine.example'] },
    }));
    const repeated = run(guarded(), placed).fates.filter((fate) => fate.loss === 3);
    expect(repeated.map((fate) => fate.bidId)).toEqual(Array(6).fill('same'));
    expect(run(guarded(), placed).imps[0]!.eligible).toBe(294);
  });
});

/** Runs `check` for every imp that is sold in a few hundred markets. */
function forEachWinner(
  check: (market: Market, outcome: ImpOutcome, floorMicros: number) => void,
): void {
  fc.assert(
    fc.property(markets(), fc.nat({ max: 2 }), (market, index) => {
      const outcome = run(market.request, market.placed).imps[index];
      fc.pre(outcome?.winner !== undefined);
      const imp = market.request.imp[index]!;
      check(market, outcome, floorOf(imp, outcome.winner!.dealid));
    }),
    SEARCH,
  );
}

/** The floor by the words of the rule, apart from how the auction finds it. */
function floorOf(imp: Imp, dealid: string | undefined): number {
  const own = imp.bidfloor === undefined ? RULES.defaultFloorMicros : cpmToMicros(imp.bidfloor);
  const floor = imp.pmp?.deals?.find((deal) => deal.id === dealid)?.bidfloor;
  return floor === undefined ? own : cpmToMicros(floor);
}

/** Few names and prices, so that ties, repeated ids, unknown imps and deals come up often. */
function markets(): fc.Arbitrary<Market> {
  const cpm = fc.constantFrom(0, 0.2, 0.5, 0.8505, 1);
  const terms = { bidfloor: cpm, at: fc.nat({ max: 3 }) };
  const deal = fc.record({ id: fc.constantFrom('d1', 'd2'), ...terms }, { requiredKeys: ['id'] });
  const imp = fc.record({
    bidfloor: cpm,
    pmp: fc.record({
      private_auction: fc.constantFrom(0, 0, 0, 0, 1),
      deals: fc.uniqueArray(deal, { maxLength: 2, selector: ({ id }) => id }),
    }),
  }, { requiredKeys: [] });
  const request = fc.record({
    at: fc.constantFrom(undefined, 1, 2),
    bseat: fc.constantFrom<string[] | undefined>(undefined, undefined, ['bolt']),
    badv: fc.constantFrom<string[] | undefined>(undefined, ['blocked.example']),
    imp: fc.array(imp, { minLength: 1, maxLength: 3 }),
  }).map(({ imp, ...rest }): BidRequest => ({
    ...{ id: 'r', ...rest },
    imp: imp.map((one, i) => ({ ...one, id: `${i + 1}`, banner: { w: 300, h: 250 } })),
  }));
  const bid = fc.record({
    id: fc.constantFrom(...'abcdefghijklmnop'),
    impid: fc.constantFrom(...many('1'), '2', '2', '3', '__proto__', 'constructor'),
    crid: fc.constantFrom('cr', 'cs'),
    priceMicros: fc.constantFrom(-1, 0, 200_000, 850_500, 1_000_000, 1_234_567, 1_234_567),
    dealid: fc.option(fc.constantFrom('d1', 'd2'), { freq: 3, nil: undefined }),
    adomain: fc.constantFrom(...many(['fine.example']), ['www.blocked.example'], []),
    w: fc.constantFrom(...many(300), 728),
  }).map((fields): BidOffer => ({ ...offer(fields.id, fields.impid), ...fields }));
  const placed = fc.record({
    group: fc.constantFrom('house', 'partners'),
    seat: fc.constantFrom('acme', 'bolt', 'cargo', 'dune'),
    bid,
  });
  return fc.record({ request, placed: fc.array(placed, { maxLength: 20, size: 'max' }) });
}

/** What most bids have. */
function many<T>(value: T): T[] {
  return Array(6).fill(value);
}

/** JSON of any shape, and the values that break programs most. */
function hostile(): fc.Arbitrary<unknown> {
  return fc.oneof(
    fc.jsonValue(),
    fc.constantFrom<unknown>(
      null,
      undefined,
      '',
      '__proto__',
      'constructor',
      -1,
      0.5,
      1e308,
      Number.NaN,
    ),
    fc.constantFrom<unknown>([null], ['https://x/'], [{}], { toString: 1, valueOf: 1 }, {
      length: 9,
    }),
  );
}

/** A request whose lists make the auction look at every field of a bid. */
function guarded(): BidRequest {
  return {
    id: 'r',
    ...{ badv: ['ford.com'], bcat: ['IAB1'], acat: ['IAB2'], bseat: ['x'], at: 2 },
    imp: [{
      ...{ id: '1', secure: 1 },
      banner: { format: [{ w: 300, h: 250 }, { wratio: 1, hratio: 1 }], battr: [1] },
      video: { mimes: [], minduration: 5, battr: [1] },
      pmp: { deals: [{ id: 'd1', wseat: ['s'], wadomain: ['fine.example'] }] },
    }],
  };
}

function offer(id: string, impid: string): BidOffer {
  return {
    ...{ id, impid, priceMicros: 1_000_000, currency: 'USD', mtype: 1, adm: '<p>ad</p>' },
    ...{ adomain: ['fine.example'], crid: 'cr', cid: 'c', cat: ['IAB2'], attr: [], w: 300, h: 250 },
  };
}

function run(request: BidRequest, placed: readonly Placed[]) {
  return runAuction({ auctionId: AUCTION_ID, request }, toAnswers(placed), RULES, SALT);
}

/** One answer and seat per run of bids that share them, as the bids come. */
function toAnswers(placed: readonly Placed[]): BidResponseMessage[] {
  return placed.map(({ group, seat, bid }) => ({
    ...{ v: 1, auctionId: AUCTION_ID, traceparent: '', issuedAt: 0, deadline: 0 },
    ...{ group, enriched: false, tookMs: 0 },
    seats: [{ seat, bids: [bid], noBids: [] }],
  }));
}

function shuffle<T>(items: readonly T[], seed: number): T[] {
  const keyed = items.map((item, i) => ({ item, key: Math.imul(i + 1, seed | 1) ^ (seed >>> 3) }));
  return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
}

function winnerOf({ imps }: { imps: ImpOutcome[] }, impid: string) {
  return imps.find((imp) => imp.impid === impid)?.winner;
}

function nameOfFate({ impid, seat, group, bidId }: BidFate): string {
  return JSON.stringify([impid, seat, group, bidId]);
}

function nameOfBid({ group, seat, bid }: Placed): string {
  return JSON.stringify([bid.impid, seat, group, bid.id]);
}
