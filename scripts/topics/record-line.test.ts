import { expect, test } from 'vitest';
import { messageText } from '#shared/model/message-text.ts';
import { details, impOutcome, outcome, WINNER } from '../../services/analytics/test-records.ts';
import { recordLine } from './record-line.ts';

const AT = Date.UTC(2026, 10, 23, 6, 0, 0, 123);

function record(value: unknown, headers: Record<string, string> = {}) {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return { topic: 't', partition: 3, offset: 1045, at: AT, key: 'a-1', headers, value: text };
}

test('an outcome says who won each imp and for how much', () => {
  const imps = [
    impOutcome({ impid: '1', winner: { ...WINNER, seat: 'atlas', priceMicros: 2_310_000 } }),
    { ...impOutcome({ impid: '2', bids: 3, eligible: 0 }), winner: undefined },
  ];
  expect(recordLine('auction_outcomes', record(outcome(1, { imps: imps as never })))).toBe(
    '2026-11-23T06:00:00.123Z  3/1045      a-1  demo  1: atlas pays 2.310 USD of 2 bids; ' +
      '2: no winner of 3 bids, 0 eligible  2 of 2 groups  all answered, 4 ms',
  );
});

const ENVELOPE = { v: 1, auctionId: 'a-1', traceparent: '', issuedAt: 0, deadline: 0 };

test.each(
  [
    ['bid_requests', {
      ...ENVELOPE,
      publisherId: 'demo',
      source: 'simple',
      request: { id: 'r', imp: [{ id: '1' }], site: { domain: 'news.example' } },
      groups: ['house', 'partners'],
      receivedAt: 0,
    }, 'demo  simple  1 imp  news.example  for house, partners'],
    ['bid_responses', {
      ...ENVELOPE,
      group: 'house',
      enriched: false,
      unenrichedReason: 'not_found',
      tookMs: 3.4,
      seats: [{ seat: 'atlas', bids: [{ priceMicros: 1e6 }, { priceMicros: 2e6 }], noBids: [] }],
    }, 'house  2 bids, best 2.000  no profile: not_found  3 ms'],
    ['ad_events', { ...ENVELOPE, kind: 'undelivered', publisherId: 'demo', at: 0 }, 'undelivered'],
    ['config_changes', {
      v: 1,
      at: 0,
      actor: 'demo',
      kind: 'salt',
      id: '2026-11-23',
      value: { id: '2026-11-23', salt: 'f'.repeat(64) },
    }, 'a-1  salt 2026-11-23 set  by demo'],
    ['auction_outcomes', { v: 2 }, 'a-1  unreadable: v is 2, known is 1'],
    ['live', '{', 'unreadable: '],
  ] as const,
)('a line of %s', (topic, value, part) => {
  const line = recordLine(topic, record(value));
  expect(line).toContain(part);
  expect(line).not.toContain('fff');
});

test('details say what became of the bids, and who answered', () => {
  const text = messageText('auction_details', details(1));
  expect(recordLine('auction_details', record(text))).toContain(
    'demo  1 bid: 1 won, 0 lost, 0 invalid  groups house  missing partners',
  );
});

test('a dead letter says what is wrong with it and where it came from', () => {
  const headers = { topic: 'bid_requests', partition: '1', offset: '7', fault: 'not an object' };
  expect(recordLine(undefined, record('[]', headers))).toBe(
    '2026-11-23T06:00:00.123Z  3/1045      a-1  not an object  from bid_requests 1/7  2 characters',
  );
});
