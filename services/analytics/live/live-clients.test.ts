import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { idOf } from '../test-records.ts';
import { Channel } from './channel.ts';
import { CLIENT_LIMITS, LiveClients } from './live-clients.ts';
import { TestSocket } from './test-outcomes.ts';

const KEEP = 5;

let channels: Map<string, Channel>;
let state: number[];
let clients: LiveClients;
let slow: number;
let now: number;
const left: string[] = [];
beforeEach(() => {
  now = 0;
  slow = 0;
  state = [];
  left.length = 0;
  channels = new Map();
  clients = new LiveClients({
    channel: (topic) => channels.get(topic) ?? make(topic),
    left: (topic) => left.push(topic),
    now: () => now,
    onSlow: () => slow++,
  });
});

/** A channel whose snapshot is the list of everything published. */
function make(topic: string, ready = true): Channel {
  const channel = new Channel({ topic, epoch: 'e', keep: KEEP, ready, snapshot: () => state });
  channels.set(topic, channel);
  return channel;
}

function publish(topic = 'totals'): void {
  state = [...state, state.length + 1];
  (channels.get(topic) ?? make(topic)).publish(state.at(-1));
}

function connect(): { socket: TestSocket; send(message: unknown): void; close(): void } {
  const socket = new TestSocket();
  const handlers = clients.connect();
  handlers.open(socket);
  return {
    socket,
    send: (message) =>
      handlers.message(typeof message === 'string' ? message : JSON.stringify(message)),
    close: () => handlers.close(),
  };
}

test('a viewer gets a snapshot and then updates without gaps, of what it asked for only', () => {
  publish();
  const { socket, send } = connect();
  send({ op: 'subscribe', topic: 'totals' });
  publish();
  publish();
  make('auctions').publish('nothing to it');
  expect(socket.frames).toEqual([
    { topic: 'totals', epoch: 'e', seq: 1, kind: 'snapshot', data: [1] },
    { topic: 'totals', epoch: 'e', seq: 2, kind: 'update', data: 2 },
    { topic: 'totals', epoch: 'e', seq: 3, kind: 'update', data: 3 },
  ]);
  send({ op: 'unsubscribe', topic: 'totals' });
  publish();
  expect(socket.frames).toHaveLength(3);
  expect(left).toEqual(['totals']);
});

test('a viewer that comes back gets exactly what it missed, or a snapshot', () => {
  fc.assert(fc.property(fc.nat(20), fc.nat(20), fc.boolean(), (before, missed, sameEpoch) => {
    channels.clear();
    state = [];
    make('totals');
    for (let n = 0; n < before + missed; n++) publish();
    const { socket, send, close } = connect();
    const epoch = sameEpoch ? 'e' : 'another life';
    send({ op: 'subscribe', topic: 'totals', epoch, after: before });
    const all = Array.from({ length: before + missed }, (_, n) => n + 1);
    if (sameEpoch && missed <= KEEP) {
      expect(socket.frames.map((frame) => 'data' in frame && frame.data)).toEqual(
        all.slice(before),
      );
      expect(socket.of('totals').every(({ kind }) => kind === 'update')).toBe(true);
    } else {
      expect(socket.frames).toEqual([
        { topic: 'totals', epoch: 'e', seq: before + missed, kind: 'snapshot', data: all },
      ]);
    }
    close();
  }));
});

test('a number that was never given is answered with a snapshot', () => {
  publish();
  const { socket, send } = connect();
  send({ op: 'subscribe', topic: 'totals', epoch: 'e', after: 99 });
  send({ op: 'subscribe', topic: 'totals', epoch: 'e', after: -1 });
  expect(socket.of('totals').map(({ kind }) => kind)).toEqual(['snapshot', 'snapshot']);
});

test('what waits for a slow viewer is bounded, and when it has taken it, it gets a snapshot', () => {
  publish();
  const { socket, send } = connect();
  send({ op: 'subscribe', topic: 'totals' });
  socket.stalled = true;
  const large = 'x'.repeat(10_000);
  for (let n = 0; n < 10_000; n++) {
    channels.get('totals')!.publish(large);
    clients.drain();
  }
  expect(socket.bufferedBytes).toBeLessThan(CLIENT_LIMITS.bufferedBytes + 2 * large.length);
  expect(slow).toBe(1);
  socket.drain();
  clients.drain();
  publish();
  const [snapshot, update] = socket.of('totals').slice(-2);
  expect([snapshot!.kind, update!.kind]).toEqual(['snapshot', 'update']);
  expect([snapshot!.seq, update!.seq]).toEqual([10_001, 10_002]);
});

test('whatever a viewer stalls and takes, what it knows at the end is all there is', () => {
  const actions = fc.array(fc.constantFrom('publish', 'stall', 'take', 'tick'), { maxLength: 200 });
  fc.assert(fc.property(actions, (given) => {
    channels.clear();
    state = [];
    make('totals');
    const { socket, send, close } = connect();
    send({ op: 'subscribe', topic: 'totals' });
    for (const action of given) {
      if (action === 'publish') publish();
      if (action === 'take') socket.drain();
      if (action === 'tick') clients.drain();
      if (action === 'stall') {
        socket.stalled = true;
        socket.bufferedBytes = CLIENT_LIMITS.bufferedBytes + 1;
      }
    }
    socket.drain();
    clients.drain();
    let known: number[] = [];
    let seq = -1;
    for (const frame of socket.of('totals') as { seq: number; kind: string; data: unknown }[]) {
      if (frame.kind === 'snapshot') known = frame.data as number[];
      else {
        expect(frame.seq).toBe(seq + 1);
        known = [...known, frame.data as number];
      }
      seq = frame.seq;
    }
    expect(known).toEqual(state);
    close();
  }));
});

test('a viewer that subscribes while much waits for it gets its snapshot later', () => {
  publish();
  const { socket, send } = connect();
  socket.bufferedBytes = CLIENT_LIMITS.bufferedBytes + 1;
  for (let n = 0; n < 5; n++) send({ op: 'subscribe', topic: 'totals' });
  expect(socket.frames).toEqual([]);
  socket.bufferedBytes = 0;
  clients.drain();
  clients.drain();
  expect(socket.frames).toHaveLength(1);
});

test('a topic that is not ready owes its snapshot', () => {
  const channel = make('totals', false);
  const { socket, send } = connect();
  send({ op: 'subscribe', topic: 'totals' });
  publish();
  clients.drain();
  expect(socket.frames).toEqual([]);
  channel.isReady = true;
  for (const subscriber of channel.subscribers) subscriber.owe(channel);
  expect(socket.of('totals')).toMatchObject([{ kind: 'snapshot', seq: 1, data: [1] }]);
});

test('after a new beginning every viewer has a snapshot of it', () => {
  publish();
  const { socket, send } = connect();
  send({ op: 'subscribe', topic: 'totals' });
  const before = channels.get('totals')!;
  const anew = new Channel({ topic: 'totals', epoch: 'f', keep: KEEP, snapshot: () => [] });
  channels.set('totals', anew);
  clients.restart();
  before.publish('of the former life');
  anew.publish('of this one');
  expect(socket.of('totals').map(({ epoch, seq, kind }) => [epoch, seq, kind])).toEqual([
    ['e', 1, 'snapshot'],
    ['f', 0, 'snapshot'],
    ['f', 1, 'update'],
  ]);
});

test.each([
  ['not JSON', 'hello', 'JSON'],
  ['nothing', 'null', 'op missing'],
  ['an unknown op', { op: 'explode', topic: 'totals' }, 'op "explode"'],
  ['an unknown topic', { op: 'subscribe', topic: 'secrets' }, 'topic "secrets"'],
  ['an auction id that is none', { op: 'subscribe', topic: 'auction:x' }, 'topic "auction:x"'],
  [
    'a number that is none',
    { op: 'subscribe', topic: 'totals', epoch: 'e', after: 'x' },
    'after "x"',
  ],
  ['an epoch that is none', { op: 'subscribe', topic: 'totals', epoch: 1 }, 'epoch 1'],
  ['a long text', { op: 'subscribe', topic: 'x'.repeat(4_000) }, '…'],
])('%s is answered with a problem that names it', (_what, message, words) => {
  const { socket, send } = connect();
  send(message);
  expect(socket.frames).toEqual([{
    topic: 'problem',
    message: expect.stringContaining(words as string),
  }]);
  expect(socket.closes).toEqual([]);
});

test('a viewer looks at a few auctions at a time', () => {
  const { socket, send } = connect();
  for (let n = 0; n <= CLIENT_LIMITS.auctions; n++) {
    send({ op: 'subscribe', topic: `auction:${idOf(n)}` });
  }
  expect(socket.frames.at(-1)).toMatchObject({
    topic: 'problem',
    message: expect.stringContaining('8 auctions'),
  });
  send({ op: 'unsubscribe', topic: `auction:${idOf(0)}` });
  send({ op: 'subscribe', topic: `auction:${idOf(99)}` });
  expect(socket.frames.at(-1)).toMatchObject({ topic: `auction:${idOf(99)}`, kind: 'snapshot' });
});

test('a viewer that sends without end is sent away', () => {
  const { socket, send } = connect();
  for (let n = 0; n < CLIENT_LIMITS.messages; n++) send({ op: 'unsubscribe', topic: 'totals' });
  expect(socket.closes).toEqual([]);
  send({ op: 'unsubscribe', topic: 'totals' });
  expect(socket.closes).toEqual([1008]);
});

test('a viewer that sends now and then stays', () => {
  const { socket, send } = connect();
  for (let n = 0; n < 1_000; n++) {
    now += 1_000 / CLIENT_LIMITS.messagesPerS;
    send({ op: 'unsubscribe', topic: 'totals' });
  }
  expect(socket.closes).toEqual([]);
});

test('a viewer that leaves is forgotten', () => {
  publish();
  const { send, close } = connect();
  send({ op: 'subscribe', topic: 'totals' });
  expect(clients.size).toBe(1);
  close();
  expect(clients.size).toBe(0);
  expect(channels.get('totals')!.subscribers.size).toBe(0);
  expect(left).toEqual(['totals']);
});
