import { expect, test } from 'vitest';
import type { LiveAuction, LiveFrame, LiveSecond, LiveTotals } from '#shared/model/live.ts';
import { cameSince, NO_FEED, ROWS_KEPT, SECONDS_KEPT, withFrame } from './feed-state.ts';

const row = (id: string) => ({ id }) as LiveAuction;
const second = (at: number) => ({ at }) as LiveSecond;
const auctions = (kind: 'snapshot' | 'update', ...ids: string[]) =>
  ({
    topic: 'auctions',
    epoch: 'e',
    seq: 1,
    kind,
    data: { rows: ids.map(row), passed: 0 },
  }) as LiveFrame;
const totals = { now: 1, currency: 'USD', seconds: [second(1)], prices: {}, seats: [], sites: [] };
const snapshot = { topic: 'totals', epoch: 'e', seq: 1, kind: 'snapshot', data: totals };
const update = (at: number) => ({
  ...snapshot,
  kind: 'update',
  data: { now: at, second: second(at), seats: [{ name: 'a' }] },
});

test('new rows come first and old ones stay the same objects', () => {
  const first = withFrame(NO_FEED, auctions('snapshot', 'b', 'a'));
  const next = withFrame(first, auctions('update', 'c'));
  expect(next.rows.map(({ id }) => id)).toEqual(['c', 'b', 'a']);
  expect(next.rows[1]).toBe(first.rows[0]);
  const again = withFrame(next, auctions('snapshot', 'd', 'c'));
  expect(again.rows[1]).toBe(next.rows[0]);
});

test('rows are bounded', () => {
  const ids = Array.from({ length: ROWS_KEPT }, (_, n) => `old-${n}`);
  const full = withFrame(NO_FEED, auctions('snapshot', ...ids));
  const next = withFrame(full, auctions('update', 'new'));
  expect(next.rows).toHaveLength(ROWS_KEPT);
  expect(next.rows[0]!.id).toBe('new');
});

test('a second is added, the rest replaced, and five minutes are kept', () => {
  let state = withFrame(NO_FEED, snapshot as unknown as LiveFrame);
  for (let at = 2; at <= SECONDS_KEPT + 5; at++) {
    state = withFrame(state, update(at) as unknown as LiveFrame);
  }
  const now = state.totals as LiveTotals;
  expect(now.seconds).toHaveLength(SECONDS_KEPT);
  expect(now.seconds.at(-1)!.at).toBe(SECONDS_KEPT + 5);
  expect(now.currency).toBe('USD');
  expect(now.seats).toEqual([{ name: 'a' }]);
});

test('an update without a snapshot before it says nothing', () => {
  expect(withFrame(NO_FEED, update(2) as unknown as LiveFrame).totals).toBeUndefined();
});

test('what came since a list was held is counted, as far as the rows reach', () => {
  const rows = Array.from({ length: ROWS_KEPT }, (_, n) => row(`new-${n}`));
  expect(cameSince([row('new-3')], rows)).toEqual({ count: 3, atLeast: false });
  expect(cameSince([row('gone')], rows)).toEqual({ count: ROWS_KEPT, atLeast: true });
  expect(cameSince([], [row('first')])).toEqual({ count: 1, atLeast: false });
});
