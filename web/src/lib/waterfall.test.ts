import { expect, test } from 'vitest';
import type { AuctionAnswer } from './answers.ts';
import { waterfallOf } from './waterfall.ts';

const seat = (name: string) => ({ seat: name, bids: [], noBids: [] });
const IMP = { answer_ms: 12, closed_by: 'all_answered', trace_id: 't' };

function auction(details: object | null, imp: object = {}): AuctionAnswer {
  return { imps: [{ ...IMP, ...imp }], details } as unknown as AuctionAnswer;
}

const DETAILS = {
  groups: [
    { group: 'house', startMs: 1, tookMs: 4.5, lookupMs: 3, seats: [seat('a'), seat('b')] },
    { group: 'partners', startMs: 1.5, tookMs: 2, seats: [seat('c')] },
  ],
  missing: ['others'],
  times: { published: 1, opened: 2, closed: 12, stored: 14, deadline: 100 },
};

test('waterfallOf() puts each step where it began, as long as it took', () => {
  const { steps, endMs, deadlineMs } = waterfallOf(auction(DETAILS));
  expect(steps.map(({ name, startMs, tookMs }) => [name, startMs, tookMs])).toEqual([
    ['Whole auction', 0, 14],
    ['Request read', 0, 1],
    ['house', 1, 4.5],
    ['Profile look-up', 1, 3],
    ['partners', 1.5, 2],
    ['others', 1, 11],
    ['Auction open', 2, 10],
    ['Into the ledger', 12, 2],
  ]);
  expect(steps.filter(({ inner }) => inner).map(({ name }) => name)).toEqual(['Profile look-up']);
  expect(steps[2]!.note).toBe('a, b');
  expect(steps[5]!.note).toBe('no answer in time');
  expect({ endMs, deadlineMs }).toEqual({ endMs: 14, deadlineMs: 100 });
});

test('waterfallOf() makes no beginnings up for records of earlier versions', () => {
  const groups = [{ group: 'house', tookMs: 4, seats: [seat('a')] }];
  const { steps, endMs, deadlineMs } = waterfallOf(auction({ groups, missing: [] }));
  expect(steps.map(({ name, startMs, tookMs }) => [name, startMs, tookMs])).toEqual([
    ['Whole auction', 0, 12],
    ['house', null, 4],
  ]);
  expect({ endMs, deadlineMs }).toEqual({ endMs: 12, deadlineMs: null });
});

test('waterfallOf() has the whole where details are gone, and says what closed it', () => {
  const { steps } = waterfallOf(auction(null, { closed_by: 'deadline' }));
  expect(steps).toMatchObject([{ name: 'Whole auction', note: 'closed at its deadline' }]);
});

test('waterfallOf() has a scale even if all was within a millisecond', () => {
  expect(waterfallOf(auction(null, { answer_ms: 0 })).endMs).toBeGreaterThan(0);
});
