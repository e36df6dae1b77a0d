import { describe, expect, test } from 'vitest';
import type { BidRequestMessage, BidResponseMessage } from '#shared/model/events.ts';
import { type ClosedAuction, closingTime, OpenAuctions } from './open-auctions.ts';

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

const idOf = (closed: unknown): string => (closed as ClosedAuction).message.auctionId;
const DUE = closingTime(request());

describe('OpenAuctions', () => {
  test('request() leaves an auction open until every expected group has answered', () => {
    const open = new OpenAuctions();
    expect(open.request(request(), 2, 7, RECEIVED)).toBeUndefined();
    expect(open.answer(answer('house'), 0, 0, RECEIVED)).toBeUndefined();
    expect(open.size).toBe(1);
    expect(open.answer(answer('partners'), 0, 0, RECEIVED)).toMatchObject({
      closedBy: 'all_answered',
      partition: 2,
      answers: [{ group: 'house' }, { group: 'partners' }],
    });
    expect(open.size).toBe(0);
  });

  test('request() closes at once when nobody is expected', () => {
    expect(new OpenAuctions().request(request('a', []), 0, 0, RECEIVED)).toMatchObject({
      closedBy: 'all_answered',
    });
  });

  test('answer() keeps bids that come before their request', () => {
    const open = new OpenAuctions();
    open.answer(answer('house'), 0, 0, RECEIVED);
    open.answer(answer('partners'), 0, 0, RECEIVED);
    expect(open.request(request(), 0, 0, RECEIVED)?.answers).toHaveLength(2);
  });

  test('answer() counts one answer of a group, and none of a group that is not expected', () => {
    const open = new OpenAuctions();
    open.request(request(), 0, 0, RECEIVED);
    open.answer(answer('house'), 0, 0, RECEIVED);
    open.answer(answer('house'), 0, 0, RECEIVED);
    open.answer(answer('stranger'), 0, 0, RECEIVED);
    expect(open.size).toBe(1);
    expect(open.sweep(DUE)[0]?.answers.map(({ group }) => group)).toEqual(['house']);
  });

  test('answer() calls bids past the deadline of an unknown auction late', () => {
    expect(new OpenAuctions().answer(answer('house'), 0, 0, RECEIVED + 100)).toBe('late');
  });

  test('answer() calls bids late whose auction could not wait for them, up to its deadline', () => {
    const open = new OpenAuctions();
    open.request(request(), 0, 0, RECEIVED);
    open.answer(answer('house'), 0, 0, RECEIVED);
    expect(open.sweep(DUE)).toHaveLength(1);
    expect(open.answer(answer('partners'), 0, 1, DUE)).toBe('late');
    expect(open.answer(answer('partners'), 0, 2, RECEIVED + 99)).toBe('late');
    // Kept no longer than that: an id comes but once.
    open.sweep(RECEIVED + 100);
    expect(open.answer(answer('partners'), 0, 3, RECEIVED + 99)).toBeUndefined();
  });

  test('sweep() closes at the closing time and not before, with what has come', () => {
    const open = new OpenAuctions();
    open.request(request(), 0, 0, RECEIVED);
    open.answer(answer('house'), 0, 0, RECEIVED);
    expect(open.sweep(DUE - 1)).toEqual([]);
    expect(open.sweep(DUE)).toMatchObject([{
      closedBy: 'deadline',
      answers: [{ group: 'house' }],
    }]);
    expect(open.sweep(DUE)).toEqual([]);
  });

  test('sweep() finds each closing time, whatever came or went before it', () => {
    const open = new OpenAuctions();
    const closedAt = (now: number) => open.sweep(now).map(({ message }) => message.auctionId);
    for (const [id, tmax] of [['late', 400], ['first', 200], ['mid', 300]] as const) {
      open.request(request(id, ['house'], tmax), 0, 0, RECEIVED);
    }
    expect(closedAt(RECEIVED + 199)).toEqual(['first']);
    open.answer(answer('house', 'mid'), 0, 0, RECEIVED + 199);
    open.request(request('new', ['house'], 240), 0, 0, RECEIVED + 199);
    expect(closedAt(RECEIVED + 239)).toEqual(['new']);
    expect(closedAt(RECEIVED + 339)).toEqual([]);
    expect(closedAt(RECEIVED + 340)).toEqual(['late']);
  });

  test('nobody wins after the deadline, when the process was held still until then', () => {
    const open = new OpenAuctions();
    open.request(request(), 0, 0, RECEIVED);
    open.answer(answer('house'), 0, 0, RECEIVED);
    expect(open.answer(answer('partners'), 0, 1, RECEIVED + 100)).toBe('late');
    expect(open.sweep(RECEIVED + 100)).toMatchObject([{ closedBy: 'deadline', answers: [] }]);
  });

  test('sweep() forgets bids whose request never came', () => {
    const open = new OpenAuctions();
    open.answer(answer('house'), 0, 0, RECEIVED);
    open.sweep(RECEIVED + 101);
    expect(open.request(request('a', ['house']), 0, 0, RECEIVED)).toBeUndefined();
  });

  test('sweep() closes everything at the end of the process', () => {
    const open = new OpenAuctions();
    open.request(request('a'), 0, 0, RECEIVED);
    open.request(request('b'), 0, 1, RECEIVED);
    expect(open.sweep(RECEIVED, true)).toHaveLength(2);
  });

  test('request() ignores a repetition of an open auction', () => {
    const open = new OpenAuctions();
    open.request(request(), 0, 0, RECEIVED);
    open.request(request(), 0, 1, RECEIVED);
    expect(open.sweep(RECEIVED + 100)).toHaveLength(1);
  });

  test('restarts() are where a reader that follows must begin, in both topics', () => {
    const open = new OpenAuctions();
    expect(open.restarts()).toEqual(new Map());
    open.request(request('a'), 1, 5, RECEIVED);
    // No answer has been seen in the partition: there is nothing to commit of them.
    expect(open.restarts()).toEqual(new Map([[1, { requests: 5, answers: undefined }]]));
    open.answer(answer('house', 'a'), 1, 40, RECEIVED);
    open.request(request('b'), 1, 6, RECEIVED);
    open.stored([idOf(open.request(request('c', []), 2, 3, RECEIVED))]);
    expect(open.restarts().get(2)).toEqual({ requests: 4, answers: undefined });
    const a = open.answer(answer('partners', 'a'), 1, 41, RECEIVED);
    // Its outcome may still be lost with this process.
    expect(open.restarts().get(1)).toEqual({ requests: 5, answers: undefined });
    open.stored([idOf(a)]);
    expect(open.restarts().get(1)).toEqual({ requests: 6, answers: 41 });
    open.answer(answer('house', 'b'), 1, 42, RECEIVED);
    open.stored([idOf(open.answer(answer('partners', 'b'), 1, 43, RECEIVED))]);
    expect(open.restarts().get(1)).toEqual({ requests: 7, answers: 44 });
  });

  test('a request whose deadline has passed is closed at once and nobody wins it', () => {
    const open = new OpenAuctions();
    open.answer(answer('house'), 0, 0, RECEIVED);
    expect(open.request(request(), 0, 0, RECEIVED + 100)).toMatchObject({
      answers: [],
      closedBy: 'deadline',
    });
    expect(open.size).toBe(0);
  });

  test('keepOnly() forgets what others read now', () => {
    const open = new OpenAuctions();
    open.request(request('a'), 1, 5, RECEIVED);
    open.request(request('b'), 2, 6, RECEIVED);
    open.keepOnly([2]);
    expect(open.size).toBe(1);
    expect([...open.restarts().keys()]).toEqual([2]);
  });
});

describe('closingTime()', () => {
  test('keeps a margin before the deadline, and half of a short time', () => {
    expect(closingTime(request('a', [], 100))).toBe(RECEIVED + 85);
    expect(closingTime(request('a', [], 20))).toBe(RECEIVED + 10);
    expect(closingTime(request('a', [], 2_000))).toBe(RECEIVED + 1_700);
  });
});
