import { expect, test } from 'vitest';
import { answeredHeaders, forwardedHeaders, STAGE_KEY } from './forwarded.ts';

const given = {
  'accept': 'text/html',
  'accept-encoding': 'br',
  'authorization': 'Bearer key',
  'connection': 'keep-alive, X-Private',
  'cookie': 'a=b',
  'host': 'helios.example',
  'keep-alive': 'timeout=5',
  'origin': 'https://helios.example',
  'te': 'trailers',
  'traceparent': '00-1-2-01',
  'transfer-encoding': 'chunked',
  'upgrade': 'websocket',
  'sec-websocket-key': 'x',
  'x-api-key': 'key',
  'x-forwarded-for': '192.0.2.1',
  [STAGE_KEY]: 'made up outside',
  'x-private': 'for the gateway',
};

test('forwardedHeaders() keeps what is about the request, and says who asks by which name', () => {
  const request = new Request('https://helios.example/api/live', { headers: given });
  expect(forwardedHeaders(request, '192.0.2.7', undefined)).toEqual({
    'accept': 'text/html',
    'accept-encoding': 'br',
    'traceparent': '00-1-2-01',
    'x-forwarded-for': '192.0.2.1, 192.0.2.7',
    'x-forwarded-host': 'helios.example',
    'x-forwarded-proto': 'https',
  });
});

test('forwardedHeaders() of a request of our own carries the key only', () => {
  expect(forwardedHeaders(new Request('http://gateway/api/live'), undefined, 'the key')).toEqual({
    'x-forwarded-host': 'gateway',
    'x-forwarded-proto': 'http',
    [STAGE_KEY]: 'the key',
  });
});

test('answeredHeaders() keeps repeated names and drops what is of one connection', () => {
  const headers = answeredHeaders([
    ...['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2'],
    ...['Connection', 'close, X-Hop', 'X-Hop', '1', 'Transfer-Encoding', 'chunked'],
    ...['Content-Encoding', 'br', 'Content-Length', '7'],
  ]);
  expect([...headers]).toEqual([
    ['content-encoding', 'br'],
    ['content-length', '7'],
    ['set-cookie', 'a=1'],
    ['set-cookie', 'b=2'],
  ]);
});
