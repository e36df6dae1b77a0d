/** A judge that lets everything pass proves nothing: each rule is broken here, alone. */
import { describe, expect, test } from 'vitest';
import { makeAuctionId } from '#shared/model/auction-id.ts';
import type { AdEvent, AuctionOutcome } from '#shared/model/events.ts';
import type { Facts, Kept, NotedAnswer, StoredRow } from './facts.ts';
import { judge } from './judge.ts';

const DEADLINE = 1_000_000;
const GRACE_MS = 2_000;

const idOf = (n: number): string =>
  makeAuctionId(DEADLINE - 100, n % 2, Uint8Array.from({ length: 12 }, () => n));
const [A, B, C, D] = [idOf(0), idOf(1), idOf(2), idOf(3)];

function outcome(auctionId: string, offset: number, priceMicros?: number): Kept<AuctionOutcome> {
  const winner = { seat: 'atlas', cid: 'c1', priceMicros };
  const value = {
    auctionId,
    requestId: `r-${auctionId}`,
    issuedAt: DEADLINE - 20,
    deadline: DEADLINE,
    imps: [
      { impid: '1', ...(priceMicros !== undefined && { winner }) },
      { impid: '2' },
    ],
  } as unknown as AuctionOutcome;
  return { partition: [A, C].includes(auctionId) ? 0 : 1, offset, value };
}

const event = (auctionId: string): Kept<AdEvent> => ({
  partition: 0,
  offset: 0,
  value: { auctionId, kind: 'undelivered' } as AdEvent,
});

function answer(auctionId: string, more: Partial<NotedAnswer>): NotedAnswer {
  const requestId = `r-${auctionId}`;
  const sentAt = DEADLINE - 100;
  return {
    door: 'g0',
    sentAt,
    tookMs: 50,
    tmaxMs: 100,
    requestId,
    auctionId,
    status: 204,
    ...more,
  };
}

const wins = (priceMicros: number) => [
  { impid: '1', seat: 'atlas', campaign: 'c1', priceMicros },
];
const told = (auctionId: string, priceMicros: number): Partial<NotedAnswer> => ({
  status: 200,
  body: { requestId: `r-${auctionId}`, auctionId, wins: wins(priceMicros) },
});

function rows({ value, partition, offset }: Kept<AuctionOutcome>): StoredRow[] {
  return value.imps.map(({ impid, winner }) => ({
    auctionId: value.auctionId,
    impid,
    campaign: winner?.cid ?? '',
    won: winner !== undefined,
    priceMicros: winner?.priceMicros ?? 0,
    partition,
    offset,
  }));
}

/** A is filled, B nobody won, C came too late, D was accepted. A and D have a repeated outcome. */
function sound() {
  const first = [outcome(A, 0, 5_000), outcome(B, 0), outcome(C, 1, 7_000), outcome(D, 1, 9_000)];
  const stored = first.flatMap(rows);
  return {
    answers: [
      answer(A, { ...told(A, 5_000), key: 'k' }),
      answer(A, { ...told(A, 5_000), key: 'k', door: 'g1' }),
      answer(B, { noBid: '2' }),
      answer(C, { noBid: '1' }),
      answer(D, { status: 202 }),
    ],
    outages: [] as Facts['outages'],
    requestsAreLocal: false,
    outcomes: [...first, outcome(A, 2), outcome(D, 2)],
    events: [event(C)],
    rows: stored,
    finalRows: stored,
    storedUndelivered: [C] as string[],
    lags: [{ group: 'auction', topic: 'bid_requests', lag: 0 }],
    memory: [{ process: 'auction-0', rssMb: 200 }],
  };
}
type Sound = ReturnType<typeof sound>;

const violationsOf = (facts: Facts): string[] => judge(facts, GRACE_MS).violations;

test('judge() finds nothing wrong with a sound run, and counts it', () => {
  expect(judge(sound(), GRACE_MS)).toEqual({
    violations: [],
    counts: {
      posts: 5,
      filled: 2,
      empty: 2,
      accepted: 1,
      refused: 0,
      unanswered: 0,
      auctions: 4,
      repeated: 2,
      undelivered: 1,
      lag: 0,
      rssMbMost: 200,
      overTmaxMsP999: -50,
    },
  });
});

const without = <Value extends { value: { auctionId: string } }>(
  records: readonly Value[],
  id: string,
): Value[] => records.filter(({ value }) => value.auctionId !== id);

/** What is changed, and how each line of the finding begins. */
const BROKEN: Record<string, [(facts: Sound) => Partial<Facts>, RegExp]> = {
  'a filled answer without an outcome': [
    (f) => ({ outcomes: without(f.outcomes, A), rows: [], finalRows: [] }),
    /^I1: .* got 200 at g0 and has no outcome/,
  ],
  'an accepted request without an outcome': [
    (f) => ({ outcomes: without(f.outcomes, D) }),
    /^I1: .* got 202 at g0 and has no outcome/,
  ],
  'an empty answer without an outcome that names a reason': [
    (f) => ({ outcomes: without(f.outcomes, B) }),
    /^I1: .* got 204 at g0 and has no outcome/,
  ],
  'an outcome in two partitions': [
    (f) => ({ outcomes: [...f.outcomes, { ...outcome(A, 9), partition: 1 }] }),
    /^I1: .* of 0 has an outcome in 1/,
  ],
  'an outcome after deadline and grace': [
    (f) => {
      const late = outcome(B, 0);
      late.value.issuedAt = DEADLINE + GRACE_MS + 1;
      return { outcomes: [...without(f.outcomes, B), late] };
    },
    /^I1: .* has its outcome 2001 ms late/,
  ],
  'another price than the stored one': [
    (f) => ({ answers: [answer(A, told(A, 5_001)), ...f.answers.slice(2)] }),
    /^I4: .* told .*5001.* stored .*5000/,
  ],
  'an empty answer that hides a win': [
    (f) => ({
      answers: [answer(A, { noBid: '2' }), ...f.answers.slice(2)],
      events: [event(A), event(C)],
    }),
    /^I4: .* told that nobody won/,
  ],
  'a win that came too late and is not undelivered': [
    () => ({ events: [], storedUndelivered: [] }),
    /^I4: .* answered empty, and is not undelivered/,
  ],
  'a delivered win that is undelivered': [
    (f) => ({ events: [...f.events, event(A)], storedUndelivered: [A, C] }),
    /^I4: .* got 200 and is undelivered/,
  ],
  'no answer at a gateway that was there': [
    (f) => ({ answers: [...f.answers, { ...answer(A, { status: 0 }), auctionId: undefined! }] }),
    /^own: .* got no answer/,
  ],
  'a failure of the gateway': [
    (f) => ({ answers: [...f.answers, { ...answer(A, { status: 500 }), auctionId: undefined! }] }),
    /^own: .* got 500/,
  ],
  "another request's answer": [
    (f) => ({
      answers: [answer(A, { ...told(A, 5_000), requestId: 'mine' }), ...f.answers.slice(2)],
    }),
    /^own: mine at g0 got the answer to /,
  ],
  "another request's outcome, promised": [
    (f) => ({ answers: [...f.answers.slice(0, 4), answer(D, { status: 202, requestId: 'mine' })] }),
    /^own: mine was promised /,
  ],
  'an auction that two requests share': [
    (f) => ({ answers: [...f.answers, answer(B, { noBid: '2', requestId: 'second' })] }),
    /^own: second and .* share auction/,
  ],
  'a key that stands for two auctions': [
    (f) => ({ answers: f.answers.map((one) => one.auctionId === B ? { ...one, key: 'k' } : one) }),
    /^own: key k is auction/,
  ],
  'a key that gives two answers': [
    (f) => ({
      answers: [f.answers[0]!, answer(A, { key: 'k', noBid: '1' }), ...f.answers.slice(2)],
    }),
    /^own: key k got 200 and 204/,
  ],
  'a price that differs in the warehouse': [
    (f) => ({
      rows: f.rows.map((row) => row.auctionId === A && row.won ? { ...row, priceMicros: 1 } : row),
    }),
    /^I2: .* is .* in the warehouse/,
  ],
  'money only FINAL has wrong': [
    (f) => ({ finalRows: f.finalRows.slice(1) }),
    /^I2: c1 owes .* the warehouse with FINAL/,
  ],
  'an undelivered win that the warehouse bills': [
    () => ({ storedUndelivered: [] }),
    /^I2: .* is undelivered, and the warehouse bills it/,
  ],
  'an undelivered win that only the warehouse knows': [
    (f) => ({ storedUndelivered: [...f.storedUndelivered, D] }),
    /^I2: only the warehouse has/,
  ],
  'a row twice': [
    (f) => ({ rows: [...f.rows, f.rows.at(-1)!] }),
    /^I7: the warehouse has .* more than once/,
  ],
  'a row of no auction': [
    (f) => ({ rows: [...f.rows, { ...f.rows.at(-1)!, auctionId: 'stranger' }] }),
    /^I7: the warehouse has stranger\/2, the ledger has not/,
  ],
  'a row that is missing': [
    (f) => ({ rows: f.rows.slice(0, -1) }),
    /^I7: the warehouse lacks /,
  ],
  'a process that has grown out of bounds': [
    () => ({ memory: [{ process: 'gateway-0', rssMb: 1_501 }] }),
    /^I6: gateway-0 has 1501 MB/,
  ],
  'records left to read': [
    () => ({ lags: [{ group: 'analytics', topic: 'ad_events', lag: 3 }] }),
    /^I7: analytics is 3 records behind in ad_events/,
  ],
};

describe('judge() finds', () => {
  for (const [name, [broken, line]] of Object.entries(BROKEN)) {
    test(name, () => {
      const facts = sound();
      expect(violationsOf({ ...facts, ...broken(facts) }))
        .toContainEqual(expect.stringMatching(line));
    });
  }
});

describe('judge() excuses', () => {
  test('no answer from a gateway that was killed', () => {
    const facts = sound();
    const lost = { ...answer(A, { status: 0 }), auctionId: undefined! };
    const outages = [{ door: 'g0', from: lost.sentAt + 10, to: Infinity }];
    expect(violationsOf({ ...facts, answers: [...facts.answers, lost], outages })).toEqual([]);
  });

  test('a promise of a killed gateway that kept its requests to itself', () => {
    const facts = sound();
    const promised = answer(idOf(4), { status: 202 });
    const outages = [{ door: 'g0', from: promised.sentAt + 100, to: Infinity }];
    const lost = { ...facts, answers: [...facts.answers, promised], outages };
    expect(violationsOf({ ...lost, requestsAreLocal: true })).toEqual([]);
    expect(violationsOf(lost)).not.toEqual([]);
  });

  test('an undelivered win that a gateway could not tell, as it was killed', () => {
    const facts = { ...sound(), events: [], storedUndelivered: [] };
    const outages = [{ door: 'g0', from: DEADLINE, to: Infinity }];
    expect(violationsOf({ ...facts, outages })).toEqual([]);
  });
});

test('judge() shows five of a kind, and says how many there were', () => {
  const lags = Array.from({ length: 8 }, () => ({ group: 'g', topic: 't', lag: 1 }));
  expect(violationsOf({ ...sound(), lags })).toHaveLength(6);
  expect(violationsOf({ ...sound(), lags }).at(-1)).toBe('I7: 3 more');
});
