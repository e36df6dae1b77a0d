import { describe, expect, test } from 'vitest';
import type { AuctionOutcome } from '#shared/model/events.ts';
import { LATE_MAX, WaitingRoom } from './waiting-room.ts';

const visit = (auctionId: string, deadline: number) => ({
  auctionId,
  partition: 0,
  enteredAt: 0,
  deadline,
  async: false,
});
const outcome = (auctionId: string) => ({ auctionId }) as AuctionOutcome;

describe('WaitingRoom', () => {
  test('settle() answers who waits', async () => {
    const room = new WaitingRoom();
    const answer = room.enter(visit('a', 100));
    expect(room.size).toBe(1);
    expect(room.isPending('a')).toBe(true);
    expect(room.settle(outcome('a'))).toBe('delivered');
    expect(await answer).toEqual({ auctionId: 'a' });
    expect(room.size).toBe(0);
    expect(room.isPending('a')).toBe(false);
  });

  test('sweep() answers empty at the deadline and not before', async () => {
    const room = new WaitingRoom();
    const answer = room.enter(visit('a', 100));
    expect(room.sweep(99)).toEqual([]);
    expect(room.size).toBe(1);
    expect(room.sweep(100)).toMatchObject([{ auctionId: 'a' }]);
    expect(await answer).toBeUndefined();
    expect(room.size).toBe(0);
    expect(room.sweep(101)).toEqual([]);
  });

  test('sweep() finds each deadline, whatever came or went before it', () => {
    const room = new WaitingRoom();
    for (const [id, deadline] of [['late', 300], ['first', 100], ['mid', 200]] as const) {
      void room.enter(visit(id, deadline));
    }
    expect(room.sweep(150)).toMatchObject([{ auctionId: 'first' }]);
    void room.enter(visit('new', 160));
    expect(room.sweep(160)).toMatchObject([{ auctionId: 'new' }]);
    room.settle(outcome('mid'));
    expect(room.sweep(299)).toEqual([]);
    expect(room.sweep(300)).toMatchObject([{ auctionId: 'late' }]);
    void room.enter(visit('last', 50));
    expect(room.sweep(300)).toMatchObject([{ auctionId: 'last' }]);
  });

  test('settle() tells a win that came after the empty answer', () => {
    const room = new WaitingRoom();
    void room.enter(visit('a', 100));
    room.sweep(100);
    expect(room.settle(outcome('a'))).toBe('undelivered');
    expect(room.settle(outcome('a'))).toBe('unknown');
  });

  test('giveUp() answers empty before the deadline, and knows a win that comes all the same', async () => {
    const room = new WaitingRoom();
    const answer = room.enter(visit('a', 100));
    room.giveUp('a', 50);
    room.giveUp('unknown', 50);
    expect(await answer).toBeUndefined();
    expect(room.size).toBe(0);
    expect(room.sweep(100)).toEqual([]);
    expect(room.settle(outcome('a'))).toBe('undelivered');
    expect(room.settle(outcome('unknown'))).toBe('unknown');
  });

  test('settle() still knows it half an hour later', () => {
    const room = new WaitingRoom();
    void room.enter(visit('a', 100));
    room.sweep(100);
    room.sweep(30 * 60_000);
    expect(room.settle(outcome('a'))).toBe('undelivered');
  });

  test('sweep() forgets the expired in the end', () => {
    const room = new WaitingRoom();
    void room.enter(visit('a', 100));
    room.sweep(100);
    room.sweep(60 * 60_000 + 100);
    expect(room.settle(outcome('a'))).toBe('unknown');
  });

  test('of more than there is room for, the first are known', () => {
    const room = new WaitingRoom();
    for (let n = 0; n <= LATE_MAX; n++) void room.enter(visit(`a${n}`, 100));
    room.sweep(100);
    room.sweep(101);
    expect(room.settle(outcome('a0'))).toBe('undelivered');
    expect(room.settle(outcome(`a${LATE_MAX - 1}`))).toBe('undelivered');
    expect(room.settle(outcome(`a${LATE_MAX}`))).toBe('unknown');
  });

  test('settle() counts a repeated outcome once', () => {
    const room = new WaitingRoom();
    void room.enter(visit('a', 100));
    room.settle(outcome('a'));
    expect(room.settle(outcome('a'))).toBe('unknown');
    expect(room.size).toBe(0);
  });

  test('answerOf() lets a repetition wait for the same outcome', async () => {
    const room = new WaitingRoom();
    void room.enter(visit('a', 100));
    const second = room.answerOf('a');
    room.settle(outcome('a'));
    expect(await second).toEqual({ auctionId: 'a' });
    expect(room.answerOf('a')).toBeUndefined();
  });
});
