import { expect, test } from 'vitest';
import { messageFault } from './message-check.ts';

const ENVELOPE = { v: 1, auctionId: 'a', traceparent: '', issuedAt: 1, deadline: 2 };
const REQUEST = {
  ...ENVELOPE,
  publisherId: 'p',
  source: 'simple',
  request: { id: 'r', imp: [{ id: '1' }] },
  groups: ['house'],
  receivedAt: 1,
};

test('a message of its topic has no fault', () => {
  expect(messageFault('bid_requests', REQUEST)).toBeUndefined();
  const answer = {
    ...ENVELOPE,
    group: 'house',
    tookMs: 1,
    seats: [{ seat: 's', bids: [], noBids: [] }],
  };
  expect(messageFault('bid_responses', answer)).toBeUndefined();
});

test.each([
  [null, 'not an object'],
  [[], 'not an object'],
  ['text', 'not an object'],
  [{ ...REQUEST, v: 2 }, 'v is 2, known is 1'],
  [{ ...REQUEST, auctionId: 7 }, 'auctionId is no text'],
  [{ ...REQUEST, deadline: null }, 'deadline is no number'],
  [{ ...REQUEST, request: [] }, 'request is no object'],
  [{ ...REQUEST, request: { imp: [null] } }, 'request.imp is no list of objects'],
])('%j: %s', (value, fault) => {
  expect(messageFault('bid_requests', value)).toBe(fault);
});

test('parts of a message that stages take apart are looked at', () => {
  const answer = { ...ENVELOPE, group: 'house', tookMs: 1, seats: [{ seat: 's', bids: {} }] };
  expect(messageFault('bid_responses', answer)).toBe('seats have no seat, bids or noBids');
});
