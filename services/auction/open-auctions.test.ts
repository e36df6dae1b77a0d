import { describe, expect, test } from 'vitest';
import type { BidRequestMessage, BidResponseMessage } from '#shared/model/events.ts';
import { closingTime, OpenAuctions } from './open-auctions.ts';

const RECEIVED = 1_000;

function request(auctionId = 'a', groups = ['house', 'partners'], tmax = 100): BidRequestMessage {
  const deadline = RECEIVED + tmax;
  return {
    auctionId,
    groups,
    receivedAt: RECEIVED,
    deadline,
    request: { id: 'r', imp: [] },
  } as unknown as BidRequestMessage;
}

function answer(group: string, auctionId = 'a'): BidResponseMessage {
  return { auctionId, group, deadline: RECEIVED + 100, seats: [] } as unknown as BidResponseMessage;
}

describe('OpenAuctions', () => {
  test('request() leaves an auction open until every expected group has answered', () => {
    const open = new OpenAuctions();
    expect(open.request(request(), 2, 7)).toBeUndefined();
    expect(open.answer(answer('house'), RECEIVED)).toBeUndefined();
    expect(open.size).toBe(1);
    expect(open.answer(answer('partners'), RECEIVED)).toMatchObject({
      closedBy: 'all_answered',
      partition: 2,
      answers: [{ group: 'house' }, { group: 'partners' }],
    });
    expect(open.size).toBe(0);
  });

  test('request() closes at once when nobody is expected', () => {
    expect(new OpenAuctions().request(request('a', []), 0, 0)).toMatchObject({
      closedBy: 'all_answered',
    });
  });

  test('answer() keeps bids that come before their request', () => {
    const open = new OpenAuctions();
    open.answer(answer('house'), RECEIVED);
    open.answer(answer('partners'), RECEIVED);
    expect(open.request(request(), 0, 0)?.answers).toHaveLength(2);
  });

  test('answer() counts one answer of a group, and none of a group that is not expected', () => {
    const open = new OpenAuctions();
    open.request(request(), 0, 0);
    open.answer(answer('house'), RECEIVED);
    open.answer(answer('house'), RECEIVED);
    open.answer(answer('stranger'), RECEIVED);
    expect(open.size).toBe(1);
    expect(open.sweep(RECEIVED + 100)[0]?.answers.map(({ group }) => group)).toEqual(['house']);
  });

  test('answer() calls bids past the deadline of an unknown auction late', () => {
    expect(new OpenAuctions().answer(answer('house'), RECEIVED + 100)).toBe('late');
  });

  test('sweep() closes at the closing time and not before, with what has come', () => {
    const open = new OpenAuctions();
    open.request(request(), 0, 0);
    open.answer(answer('house'), RECEIVED);
    const due = closingTime(request());
    expect(open.sweep(due - 1)).toEqual([]);
    expect(open.sweep(due)).toMatchObject([{
      closedBy: 'deadline',
      answers: [{ group: 'house' }],
    }]);
    expect(open.sweep(due)).toEqual([]);
  });

  test('sweep() forgets bids whose request never came', () => {
    const open = new OpenAuctions();
    open.answer(answer('house'), RECEIVED);
    open.sweep(RECEIVED + 101);
    expect(open.request(request('a', ['house']), 0, 0)).toBeUndefined();
  });

  test('sweep() closes everything at the end of the process', () => {
    const open = new OpenAuctions();
    open.request(request('a'), 0, 0);
    open.request(request('b'), 0, 1);
    expect(open.sweep(RECEIVED, true)).toHaveLength(2);
  });

  test('request() ignores a repetition of an open auction', () => {
    const open = new OpenAuctions();
    open.request(request(), 0, 0);
    open.request(request(), 0, 1);
    expect(open.sweep(RECEIVED + 100)).toHaveLength(1);
  });

  test('lowestOpen() is where a restart must begin', () => {
    const open = new OpenAuctions();
    expect(open.lowestOpen(1)).toBeUndefined();
    open.request(request('a'), 1, 5);
    open.request(request('b'), 1, 6);
    open.request(request('c'), 2, 3);
    expect(open.lowestOpen(1)).toBe(5);
    open.answer(answer('house', 'a'), RECEIVED);
    open.answer(answer('partners', 'a'), RECEIVED);
    expect(open.lowestOpen(1)).toBe(6);
  });
});

describe('closingTime()', () => {
  test('keeps a margin before the deadline, and half of a short time', () => {
    expect(closingTime(request('a', [], 100))).toBe(RECEIVED + 85);
    expect(closingTime(request('a', [], 20))).toBe(RECEIVED + 10);
    expect(closingTime(request('a', [], 2_000))).toBe(RECEIVED + 1_700);
  });
});
