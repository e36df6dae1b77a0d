import { Buffer } from 'node:buffer';
import { expect, test } from 'vitest';
import { answerLength } from './connection.ts';

const head = (...lines: string[]) => ['HTTP/1.1 200 OK', ...lines, '', ''].join('\r\n');

test('answerLength() is head and body, however the header is written', () => {
  for (const name of ['Content-Length', 'content-length']) {
    const answer = head('content-type: application/json', `${name}: 12`, 'connection: keep-alive');
    expect(answerLength(Buffer.from(answer))).toBe(answer.length + 12);
    expect(answerLength(Buffer.from(answer + '{"id":"7-12"}'))).toBe(answer.length + 12);
  }
});

test('answerLength() of an answer without a body is its head', () => {
  const answer = 'HTTP/1.1 204 No Content\r\nx-openrtb-version: 2.6\r\n\r\n';
  expect(answerLength(Buffer.from(answer))).toBe(answer.length);
});

test('answerLength() is unknown until the head is there, and until the last chunk', () => {
  const answer = head('content-length: 12');
  expect(answerLength(Buffer.from(answer.slice(0, -2)))).toBeUndefined();
  const chunked = head('transfer-encoding: chunked') + '2\r\n{}\r\n';
  expect(answerLength(Buffer.from(chunked))).toBeUndefined();
  const whole = chunked + '0\r\n\r\n';
  expect(answerLength(Buffer.from(whole))).toBe(whole.length);
});

test('answerLength() takes no other header of the same length for it', () => {
  const answer = head('accept-charset: 99', 'cache-control: 7', 'x-frame-option: 5');
  expect(answerLength(Buffer.from(answer))).toBe(answer.length);
});
