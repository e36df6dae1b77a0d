import { expect, test } from 'vitest';
import type { AuctionAnswer, OutcomeAnswer } from './answers.ts';
import { clearing, curlOf, fatesOf, noBidsOf, verdict } from './explain.ts';

const imp = (part: Partial<OutcomeAnswer> = {}): OutcomeAnswer => ({
  auction_id: 'a',
  request_id: 'demo-001',
  time: '2026-11-23T00:00:00.000Z',
  imp_id: '1',
  publisher_id: 'demo',
  media_type: 'banner',
  site_domain: 'example.com',
  user_id: null,
  country: null,
  test: false,
  win_status: 'won',
  seat: 'acme',
  campaign: 'spring',
  floor: 0.2,
  bid_price: 3,
  price: 2.01,
  currency: 'USD',
  bids: 2,
  eligible: 2,
  enriched: true,
  closed_by: 'all_answered',
  answer_ms: 4,
  trace_id: 't',
  ...part,
});
const bid = (
  seat: string,
  status: 'won' | 'lost' | 'invalid',
  priceMicros: number,
  more: { loss?: number; dealid?: string } = {},
) => ({
  impid: '1',
  seat,
  status,
  priceMicros,
  loss: { won: 0, lost: 102, invalid: 205 }[status],
  rule: '',
  ...more,
});
const DEALS = [{ id: 'agreed', at: 3 }, { id: 'first', at: 1 }, { id: 'open' }];

function auction(imps: OutcomeAnswer[], fates: ReturnType<typeof bid>[] = [], at: 1 | 2 = 2) {
  return {
    auction_id: 'a',
    status: 'closed',
    time: imps[0]!.time,
    imps,
    outcome: { at },
    details: {
      fates,
      rules: { incrementMicros: 10_000, defaultFloorMicros: 0 },
      request: { id: 'r', imp: [{ id: '1', pmp: { deals: DEALS } }], user: { id: "o'brien" } },
      groups: [{
        group: 'house',
        seats: [{ seat: 'meridian', bids: [], noBids: [{ impid: '1', reason: 'below_floor' }] }],
      }],
      missing: [],
    },
    events: [],
  } as unknown as AuctionAnswer;
}

test('verdict() says who won, against whom, and what it pays', () => {
  expect(verdict(auction([imp()]))).toEqual([
    'acme won against one other bid with 3.000 CPM for its campaign spring and pays 2.010 CPM, 0.990 less than it had bid.',
  ]);
});

test('verdict() says what is not billed', () => {
  const tested = auction([imp({ test: true }), imp({ imp_id: '2', test: true })]);
  expect(verdict(tested).slice(2)).toEqual(['It is a test auction: nothing is billed.']);
  const events = [{ kind: 'undelivered', time: '2026-11-23T00:00:01.000Z' }];
  expect(verdict({ ...auction([imp()]), events }).slice(1)).toEqual([
    'It came too late for the answer to the publisher: nothing is billed.',
  ]);
});

test('verdict() and clearing() tell amounts as they are', () => {
  const exact = imp({ floor: 1.2345, price: 1.2345, bid_price: 1.507, bids: 1 });
  expect(verdict(auction([exact]))[0]).toContain('pays 1.2345 CPM, 0.2725 less than it had bid');
  expect(clearing(auction([exact], [bid('acme', 'won', 1_507_000)]), exact)).toMatchObject({
    formula: 'min(bid 1.507, floor 1.2345)',
    result: '1.2345',
  });
});

test('verdict() says why nobody won', () => {
  const lone = { win_status: 'no_bid', seat: null, price: null, bid_price: null } as const;
  expect(verdict(auction([imp({ ...lone, bids: 0 })]))[0]).toBe(
    'Nobody bid at or above the floor of 0.200 CPM.',
  );
  expect(verdict(auction([imp({ ...lone, bids: 3 })]))[0]).toBe(
    'Nobody won: none of 3 bids was eligible.',
  );
  expect(verdict(auction([imp({ ...lone, bids: 0, closed_by: 'deadline' })]))[1]).toContain(
    'closed at its deadline',
  );
});

test('verdict() blames no floor where bidders did not answer', () => {
  const lone = imp({ win_status: 'no_bid', seat: null, price: null, bid_price: null, bids: 0 });
  const of = (groupsAnswered: number, imps = [lone]) => {
    const outcome = { at: 2, groupsAnswered, groupsExpected: 2 };
    return verdict({ ...auction(imps), outcome } as unknown as AuctionAnswer)[0];
  };
  expect(of(0)).toBe('Nobody answered in time.');
  expect(of(0, [lone, lone])).toBe('Impression 1: nobody answered in time.');
  expect(of(1)).toBe('Nobody bid in time at or above the floor of 0.200 CPM.');
  expect(of(2)).toBe('Nobody bid at or above the floor of 0.200 CPM.');
});

test('clearing() puts the figures into the price rule', () => {
  const fates = [
    bid('acme', 'won', 3_000_000),
    bid('low', 'lost', 1_000_000),
    bid('next', 'lost', 2_000_000),
  ];
  expect(clearing(auction([imp()], fates), imp())).toEqual({
    formula: 'min(bid 3.000, max(floor 0.200, second 2.000 + 0.010))',
    result: '2.010',
    note: 'second price, rounded down to 0.001',
  });
  expect(clearing(auction([imp()], fates, 1), imp())!.note).toBe('first price');
  expect(clearing(auction([imp()], [fates[0]!]), imp())!.note).toBe('a sole bidder pays the floor');
  expect(clearing(auction([imp({ price: null })], fates), imp({ price: null }))).toBeUndefined();
});

test('clearing() takes no bid below the floor for the second one', () => {
  const alone = imp({ floor: 1, price: 1 });
  const fates = [bid('acme', 'won', 3_000_000), bid('low', 'lost', 995_000, { loss: 100 })];
  expect(clearing(auction([alone], fates), alone)).toEqual({
    formula: 'min(bid 3.000, floor 1.000)',
    result: '1.000',
    note: 'a sole bidder pays the floor',
  });
});

test('clearing() goes by the rule of the deal that won', () => {
  const of = (dealid: string) =>
    clearing(
      auction([imp()], [bid('acme', 'won', 3_000_000, { dealid }), bid('b', 'lost', 2_000_000)]),
      imp(),
    );
  expect(of('agreed')).toEqual({
    formula: 'agreed price 2.010',
    result: '2.010',
    note: 'deal agreed',
  });
  expect(of('first')!.note).toBe('first price');
  expect(of('open')!.formula).toContain('second 2.000');
});

test('fatesOf() begins with the winner and ends with what was refused', () => {
  const fates = [
    bid('refused', 'invalid', 9_000_000),
    bid('low', 'lost', 1),
    bid('high', 'lost', 2),
    bid('won', 'won', 3),
  ];
  expect(fatesOf(auction([imp()], fates), '1').map(({ seat }) => seat)).toEqual([
    'won',
    'high',
    'low',
    'refused',
  ]);
});

test('noBidsOf() says why a seat did not bid', () => {
  expect(noBidsOf(auction([imp()]), '1')).toEqual([
    { seat: 'meridian', words: 'Its price for this user is below the floor.' },
  ]);
});

test('curlOf() survives a quote in the request', () => {
  expect(curlOf(auction([imp()]), 'http://x')).toContain(`"o'\\''brien"`);
});

test('curlOf() has room for a key where the door wants one', () => {
  const at = (origin: string) => curlOf(auction([imp()]), origin).includes("-H 'x-api-key: KEY'");
  expect([at('http://127.0.0.1:8080'), at('https://exchange.example')]).toEqual([false, true]);
});
