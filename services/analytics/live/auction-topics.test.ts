import { expect, test } from 'vitest';
import { AuctionTopics, type KnownSteps } from './auction-topics.ts';
import type { Subscriber } from './channel.ts';
import { closed, explained } from './test-outcomes.ts';

const AT = 5_000;
const ID = closed(1).auctionId;
const PLACE = { partition: 0, offset: 7 };
const RANGES = [{ partition: 0, first: 5, last: 9 }];

/** What a subscriber has seen: steps by name, snapshots as lists. */
function watch(known: () => Promise<KnownSteps | undefined>) {
  const topics = new AuctionTopics({ epoch: 'e', now: () => AT, known });
  const seen: unknown[] = [];
  const ready = Promise.withResolvers<void>();
  const subscriber: Subscriber = {
    offer: (channel, text) => channel.isReady && seen.push(JSON.parse(text)),
    owe(channel) {
      seen.push(JSON.parse(channel.snapshotText()));
      ready.resolve();
    },
  };
  topics.channel(ID).subscribers.add(subscriber);
  return { topics, seen, ready: ready.promise };
}

test('an auction that closes now is told step by step', async () => {
  const { topics, seen, ready } = watch(async () => undefined);
  await ready;
  topics.closed(closed(1), PLACE);
  topics.closed(closed(2), { partition: 0, offset: 8 });
  topics.explained(explained(1));
  topics.stored([{ partition: 1, first: 0, last: 99 }]);
  topics.stored(RANGES);
  topics.stored(RANGES);
  expect(seen).toEqual([
    frame(0, 'snapshot', []),
    frame(1, 'update', [{ step: 'closed', at: closed(1).issuedAt }]),
    frame(2, 'update', [{ step: 'explained', at: explained(1).issuedAt }]),
    frame(3, 'update', [{ step: 'stored', at: AT }]),
  ]);
});

test('one that waits for its insert is known up to there', async () => {
  const { topics, seen, ready } = watch(async () => ({
    closedAt: 9,
    explained: true,
    stored: false,
    place: PLACE,
  }));
  await ready;
  topics.stored(RANGES);
  expect(seen).toEqual([
    frame(2, 'snapshot', [{ step: 'closed', at: 9 }, { step: 'explained', at: 9 }]),
    frame(3, 'update', [{ step: 'stored', at: AT }]),
  ]);
});

test('one that was stored a moment ago is known with its time, an old one without', async () => {
  const known = { closedAt: 9, explained: false, stored: true };
  const recent = watch(async () => ({ ...known, place: PLACE }));
  recent.topics.stored(RANGES);
  await recent.ready;
  expect(recent.seen).toEqual([
    frame(2, 'snapshot', [{ step: 'closed', at: 9 }, { step: 'stored', at: AT }]),
  ]);
  const old = watch(async () => known);
  await old.ready;
  expect(old.seen).toEqual([
    frame(2, 'snapshot', [{ step: 'closed', at: 9 }, { step: 'stored', at: 0 }]),
  ]);
});

test('what happens while it is looked up is in the snapshot once', async () => {
  const looked = Promise.withResolvers<KnownSteps>();
  const { topics, seen, ready } = watch(() => looked.promise);
  topics.closed(closed(1), PLACE);
  looked.resolve({ closedAt: 1, explained: true, stored: false, place: PLACE });
  await ready;
  expect(seen).toEqual([
    frame(2, 'snapshot', [{ step: 'closed', at: closed(1).issuedAt }, {
      step: 'explained',
      at: 1,
    }]),
  ]);
});

test('a warehouse that is away leaves the topic to what happens from now on', async () => {
  const { topics, seen, ready } = watch(() => Promise.reject(new Error('away')));
  await ready;
  topics.explained(explained(1));
  expect(seen).toMatchObject([{ kind: 'snapshot', data: [] }, { kind: 'update' }]);
});

test('what another instance read is asked for again until it is known', async () => {
  const answers = [undefined, undefined, { closedAt: 9, explained: true, stored: true }];
  let asked = 0;
  const { topics, seen, ready } = watch(() => Promise.resolve(answers[asked++]));
  await ready;
  topics.askAgain();
  topics.askAgain();
  await expect.poll(() => seen).toHaveLength(4);
  expect(seen.slice(1)).toEqual([
    frame(1, 'update', [{ step: 'closed', at: 9 }]),
    frame(2, 'update', [{ step: 'explained', at: 9 }]),
    frame(3, 'update', [{ step: 'stored', at: 0 }]),
  ]);
  topics.askAgain();
  expect(asked).toBe(3);
});

test('details that came before the topic was opened, and before their outcome, are asked for', async () => {
  const answers = [undefined, { closedAt: 9, explained: true, stored: false, place: PLACE }];
  let asked = 0;
  const { topics, seen, ready } = watch(() => Promise.resolve(answers[asked++]));
  await ready;
  topics.closed(closed(1), PLACE);
  topics.askAgain();
  await expect.poll(() => seen).toHaveLength(3);
  expect(seen[2]).toEqual(frame(2, 'update', [{ step: 'explained', at: 9 }]));
});

test('one that was known at once, and has no details, is not asked for again', async () => {
  let asked = 0;
  const { topics, ready } = watch(() => {
    asked++;
    return Promise.resolve({ closedAt: 9, explained: false, stored: true });
  });
  await ready;
  topics.askAgain();
  expect(asked).toBe(1);
});

test('a topic without viewers is forgotten', () => {
  const { topics } = watch(() => new Promise(() => {}));
  expect(topics.size).toBe(1);
  topics.left(ID);
  expect(topics.size).toBe(0);
});

function frame(seq: number, kind: string, data: unknown): unknown {
  return { topic: `auction:${ID}`, epoch: 'e', seq, kind, data };
}
