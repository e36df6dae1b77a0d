import { expect, test } from 'vitest';
import type { AuctionDetails } from './events.ts';
import { messageFault } from './message-check.ts';
import { messageText, readMessage } from './message-text.ts';

const ROW = 'a\t1766000000.003\tdemo\t\t{"id":"r"}\t[]\t[["\\n"]]\t\t{}\t{}\t[]\t\t00-1';
const DETAILS: AuctionDetails = {
  v: 1,
  auctionId: 'a',
  // As it would end the head, were it not escaped.
  traceparent: '\n',
  issuedAt: 1,
  deadline: 2,
  offers: [{ impid: '1', seat: 'acme', priceMicros: 3, status: 'won' }],
  row: [ROW.slice(0, 20), ROW.slice(20)],
};

test('details are JSON, then their row as it stands', () => {
  const text = messageText('auction_details', DETAILS);
  const [head, ...row] = text.split('\n');
  const { row: _, ...envelope } = DETAILS;
  expect(JSON.parse(head!)).toEqual(envelope);
  expect(row).toEqual([ROW]);
  const read = readMessage('auction_details', text);
  expect(read).toEqual({ ...DETAILS, row: [ROW] });
  expect(messageFault('auction_details', read)).toBeUndefined();
});

test('a row that was written in several lines is read as one', () => {
  const text = messageText('auction_details', DETAILS).replaceAll('{"id"', '{\n"id"');
  const { row } = readMessage('auction_details', text) as AuctionDetails;
  expect(row).toEqual([ROW.replace('{"id"', '{ "id"')]);
});

test('details of an earlier version, with the row as an object, are read like new ones', () => {
  const { row: _, ...envelope } = DETAILS;
  const former = {
    auction_id: 'a',
    time: '1766000000.003',
    publisher_id: 'demo',
    user_id: 'tab\there',
    groups: [{ group: 'house', seats: [] }],
    fates: [{ seat: 'acme', rule: ',"row":{' }],
    missing: ["it's"],
    traceparent: '00-1',
    request: { id: 'r', imp: [] },
    rules: {},
    salt: {},
  };
  const text = JSON.stringify({ ...envelope, row: former });
  const read = readMessage('auction_details', text) as AuctionDetails;
  expect(messageFault('auction_details', read)).toBeUndefined();
  expect(read.row).toEqual([
    'a\t1766000000.003\tdemo\ttab here\t{"id":"r","imp":[]}\t[{"group":"house","seats":[]}]\t' +
    '[{"seat":"acme","rule":",\\"row\\":{"}]\t\t{}\t{}\t[\'it\\\'s\']\t\t00-1',
  ]);
});

test('what is no such message has a fault, or is no JSON', () => {
  const { row: _, ...headOnly } = DETAILS;
  const texts = [
    '{}',
    '{"v":1,"row":{}}',
    JSON.stringify({ ...DETAILS, row: [7] }),
    JSON.stringify(headOnly) + '\nb\tc',
  ];
  for (const text of texts) {
    expect(messageFault('auction_details', readMessage('auction_details', text))).toBeDefined();
  }
  expect(() => readMessage('auction_details', '{"v":,"row":{}}')).toThrow(SyntaxError);
  expect(() => readMessage('ad_events', '{')).toThrow(SyntaxError);
});

test('other messages are JSON as they are', () => {
  const event = { v: 1, row: ',"row":' } as never;
  expect(readMessage('ad_events', messageText('ad_events', event))).toEqual(event);
});
