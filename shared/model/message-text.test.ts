import { expect, test } from 'vitest';
import type { AuctionDetails } from './events.ts';
import { messageFault } from './message-check.ts';
import { messageText, readMessage } from './message-text.ts';

const ROW = '{"auction_id":"a","groups":[],"fates":[{"rule":"\\",\\"row\\":"}]}';
const DETAILS: AuctionDetails = {
  v: 1,
  auctionId: 'a',
  // As it would end the head, were its quotes not escaped.
  traceparent: '","row":{',
  issuedAt: 1,
  deadline: 2,
  offers: [{ impid: '1', seat: 'acme', priceMicros: 3, status: 'won' }],
  row: [ROW.slice(0, 20), ROW.slice(20)],
};

test('details are JSON, and what is read has the row as it stands', () => {
  const text = messageText('auction_details', DETAILS);
  expect(JSON.parse(text)).toEqual({ ...DETAILS, row: JSON.parse(ROW) });
  const read = readMessage('auction_details', text);
  expect(read).toEqual({ ...DETAILS, row: [ROW] });
  expect(messageFault('auction_details', read)).toBeUndefined();
});

test('an offer has nothing but what is counted', () => {
  const offers = [{ ...DETAILS.offers[0]!, adm: '<p>' }];
  expect(messageText('auction_details', { ...DETAILS, offers })).not.toContain('<p>');
});

test('a row that was written in several lines is read as one', () => {
  const text = messageText('auction_details', DETAILS).replaceAll('{"rule"', '{\n  "rule"');
  const { row } = readMessage('auction_details', text) as AuctionDetails;
  expect(row.join('')).not.toContain('\n');
  expect(JSON.parse(row.join(''))).toEqual(JSON.parse(ROW));
});

test('what is no such message has a fault, or is no JSON', () => {
  for (const text of ['{}', '{"v":1,"row":{}}', JSON.stringify({ ...DETAILS, row: [7] })]) {
    expect(messageFault('auction_details', readMessage('auction_details', text))).toBeDefined();
  }
  expect(() => readMessage('auction_details', '{"v":,"row":{}}')).toThrow(SyntaxError);
  expect(() => readMessage('ad_events', '{')).toThrow(SyntaxError);
});

test('other messages are JSON as they are', () => {
  const event = { v: 1, row: ',"row":' } as never;
  expect(readMessage('ad_events', messageText('ad_events', event))).toEqual(event);
});
