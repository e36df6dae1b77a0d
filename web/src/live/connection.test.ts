import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { LiveFrame } from '#shared/model/live.ts';
import { connect, type ConnectionState } from './connection.ts';

class FakeSocket {
  static all: FakeSocket[] = [];
  readyState: number = WebSocket.CONNECTING;
  sent: unknown[] = [];
  onopen: () => void = () => {};
  onmessage: (event: { data: string }) => void = () => {};
  onclose: () => void = () => {};

  constructor() {
    FakeSocket.all.push(this);
  }
  open(): void {
    this.readyState = WebSocket.OPEN;
    this.onopen();
  }
  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }
  say(frame: object): void {
    this.onmessage({ data: JSON.stringify(frame) });
  }
  close(): void {
    this.readyState = WebSocket.CLOSED;
    this.onclose();
  }
}

let frames: LiveFrame[];
let states: ConnectionState[];
const newest = () => FakeSocket.all.at(-1)!;
const update = (seq: number, epoch = 'e') => ({
  topic: 'totals',
  epoch,
  seq,
  kind: 'update',
  data: {},
});
const snapshot = (seq: number, epoch = 'e') => ({ ...update(seq, epoch), kind: 'snapshot' });

function start() {
  return connect({
    url: 'ws://exchange/live',
    onFrame: (frame) => frames.push(frame),
    onState: (state) => states.push(state),
    open: () => new FakeSocket() as unknown as WebSocket,
  });
}

beforeEach(() => {
  vi.useFakeTimers();
  FakeSocket.all = [];
  frames = [];
  states = [];
});
afterEach(() => {
  vi.useRealTimers();
});

test('one socket serves all topics, and each is asked for once', () => {
  const live = start();
  live.subscribe('totals');
  live.subscribe('auctions');
  live.subscribe('totals');
  newest().open();
  expect(FakeSocket.all).toHaveLength(1);
  expect(newest().sent).toEqual([
    { op: 'subscribe', topic: 'totals' },
    { op: 'subscribe', topic: 'auctions' },
  ]);
});

test('a topic is left when its last user leaves', () => {
  const live = start();
  const leaves = [live.subscribe('totals'), live.subscribe('totals')];
  newest().open();
  leaves[0]!();
  expect(newest().sent).toHaveLength(1);
  leaves[1]!();
  expect(newest().sent.at(-1)).toEqual({ op: 'unsubscribe', topic: 'totals' });
});

test('what was seen on the server page is not asked for again', () => {
  start().subscribe('totals', { epoch: 'e', seq: 7 });
  newest().open();
  expect(newest().sent).toEqual([{ op: 'subscribe', topic: 'totals', epoch: 'e', after: 7 }]);
});

test('a gap is filled, not shown: what was missed is asked for', () => {
  start().subscribe('totals');
  newest().open();
  newest().say(snapshot(3));
  newest().say(update(4));
  newest().say(update(6));
  expect(frames.map((frame) => 'seq' in frame && frame.seq)).toEqual([3, 4]);
  expect(newest().sent.at(-1)).toEqual({ op: 'subscribe', topic: 'totals', epoch: 'e', after: 4 });
  newest().say(update(5));
  newest().say(update(6));
  newest().say(update(6));
  expect(frames.map((frame) => 'seq' in frame && frame.seq)).toEqual([3, 4, 5, 6]);
});

test('after a break it comes back, slower each time, and names what it had', () => {
  start().subscribe('totals');
  newest().open();
  newest().say(snapshot(9));
  newest().close();
  expect(states.at(-1)).toBe('offline');
  vi.advanceTimersByTime(1_000);
  expect(FakeSocket.all).toHaveLength(2);
  expect(states.at(-1), 'while it is tried').toBe('offline');
  newest().close();
  vi.advanceTimersByTime(600);
  expect(FakeSocket.all).toHaveLength(2);
  vi.advanceTimersByTime(1_000);
  expect(FakeSocket.all).toHaveLength(3);
  newest().open();
  expect(newest().sent).toEqual([{ op: 'subscribe', topic: 'totals', epoch: 'e', after: 9 }]);
  expect(states.at(-1)).toBe('live');
});

test('silence is told as stale while totals are expected', () => {
  const leave = start().subscribe('totals');
  newest().open();
  newest().say(snapshot(1));
  vi.advanceTimersByTime(5_000);
  expect(states.at(-1)).toBe('stale');
  newest().say(update(2));
  expect(states.at(-1)).toBe('live');
  leave();
  vi.advanceTimersByTime(60_000);
  expect(states.at(-1)).toBe('live');
});

test('a closed connection stays closed', () => {
  const live = start();
  live.subscribe('totals');
  newest().open();
  live.close();
  vi.advanceTimersByTime(60_000);
  expect(FakeSocket.all).toHaveLength(1);
});
