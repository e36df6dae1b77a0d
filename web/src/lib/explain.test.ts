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
const bid = (seat: string, status: 'won' | 'lost' | 'invalid', priceMicros: number) => ({
  impid: '1',
  seat,
  status,
  priceMicros,
  rule: '',
});

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
      request: { id: 'r', user: { id: "o'brien" } },
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
