import { expect, test } from 'vitest';
import type { BidFate } from './events.ts';
import type { KeptGroup } from './kept-bids.ts';
import {
  fateLists,
  groupLists,
  readFates,
  readGroups,
  readTimes,
  timesList,
} from './kept-lists.ts';

const stored = (value: unknown): unknown[] => JSON.parse(JSON.stringify(value)) as unknown[];

const TOLD: BidFate = {
  impid: '1',
  seat: 'acme',
  group: 'house',
  bidId: 'b',
  cid: 'camp',
  crid: 'cre',
  priceMicros: 5,
  status: 'invalid',
  loss: 3,
  rule: 'Because',
};
const SHOWN: Partial<BidFate> = {
  mtype: 1,
  adomain: ['brand.example'],
  cat: ['IAB1'],
  attr: [],
  w: 300,
  h: 250,
};

test.each<[string, BidFate]>([
  ['an invalid bid', TOLD],
  ['one that drew', { ...TOLD, draw: '00ab' }],
  ['one that lost', { ...TOLD, ...SHOWN, status: 'lost' }],
  ['one that names no type', { ...TOLD, ...SHOWN, status: 'lost', mtype: undefined }],
  ['one without categories', { ...TOLD, ...SHOWN, status: 'lost', cat: undefined }],
  ['a winner', { ...TOLD, ...SHOWN, status: 'won', loss: 0, adm: '<p>', draw: '00ab' }],
  ['a video for a deal', { ...TOLD, ...SHOWN, status: 'lost', dur: 15, dealid: 'd' }],
])('the fate of %s is read as it was', (_, fate) => {
  const lists = stored(fateLists([fate, TOLD]));
  expect(readFates(lists)).toEqual(stored([fate, TOLD]));
  expect(lists.every((list) => Array.isArray(list))).toBe(true);
});

test('what most bids do not have takes no room in their lists', () => {
  const [won, lost] = fateLists([
    { ...TOLD, ...SHOWN, status: 'won', adm: '<p>' },
    { ...TOLD, ...SHOWN, status: 'lost' },
  ]);
  expect(won!.at(-1)).toBe('<p>');
  expect(lost!.at(-1)).toBe(250);
});

const GROUPS: KeptGroup[] = [
  { group: 'house', enriched: true, startMs: 0.5, tookMs: 2, lookupMs: 1, seats: [] },
  {
    group: 'partners',
    enriched: false,
    unenrichedReason: 'no_user',
    tookMs: 1,
    seats: [
      { seat: 'a', noBids: [] },
      { seat: 'b', noBids: [{ impid: '1', reason: 'below_floor' }] },
      { seat: 'c', noBids: [], bids: [{ odd: true } as never] },
    ],
  },
];

test('groups and times are read as they were', () => {
  expect(readGroups(stored(groupLists(GROUPS)))).toEqual(GROUPS);
  const times = { published: 0.1, opened: 0.2, closed: 1, deadline: 100 };
  expect(readTimes(stored(timesList(times)))).toEqual(times);
  expect(readTimes(stored(timesList({ ...times, stored: 3 })))).toEqual({ ...times, stored: 3 });
});

test('objects, as earlier versions wrote them, are read too', () => {
  expect(readFates(stored([TOLD]))).toEqual([TOLD]);
  expect(readGroups(stored(GROUPS))).toEqual(GROUPS);
  expect(readTimes({ published: 1 })).toEqual({ published: 1 });
});
