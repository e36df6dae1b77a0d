import { Buffer } from 'node:buffer';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { JSON_DEPTH_MAX } from '#shared/model/json-guard.ts';
import { BODY_BYTES_MAX, readJsonBody } from './read-body.ts';

type Headers = Record<string, string>;

/** A request as it comes from the network: with its length. */
function sized(body: string | Uint8Array<ArrayBuffer>, headers: Headers = {}): Request {
  const length = String(Buffer.byteLength(body));
  const all = { 'content-type': 'application/json', 'content-length': length, ...headers };
  return new Request('http://helios.test/bid', { method: 'POST', body, headers: all });
}

/** A request in chunks, without a length. `pulled` counts the chunks that were asked for. */
function chunked(chunks: Uint8Array[], headers: Headers = {}) {
  const state = { pulled: 0 };
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const chunk = chunks[state.pulled++];
      if (chunk) controller.enqueue(chunk);
      else controller.close();
    },
  });
  const init = { method: 'POST', body, headers, duplex: 'half' } as RequestInit;
  return { request: new Request('http://helios.test/bid', init), state };
}

const bytes = (text: string) => new TextEncoder().encode(text);
const TEXT = '{"id":"é😀"}';
const zipped = (text: string) => new Uint8Array(gzipSync(text));

describe('readJsonBody() reads', () => {
  it('a body with a length', async () => {
    expect(await readJsonBody(sized(TEXT))).toEqual({
      ok: true,
      value: JSON.parse(TEXT),
      text: TEXT,
    });
  });

  it('a body in chunks, cut anywhere', async () => {
    const { request } = chunked([...bytes(TEXT)].map((byte) => Uint8Array.of(byte)));
    expect(await readJsonBody(request)).toMatchObject({ ok: true, text: TEXT });
  });

  it('gzip, with a length and in chunks', async () => {
    const headers = { 'content-encoding': 'gzip' };
    expect(await readJsonBody(sized(zipped(TEXT), headers))).toMatchObject({ text: TEXT });
    const { request } = chunked([zipped(TEXT)], { 'content-encoding': 'GZip' });
    expect(await readJsonBody(request)).toMatchObject({ text: TEXT });
  });

  it.each([
    'application/json; charset=utf-8',
    'Application/JSON;charset="UTF-8"',
    'application/vnd.openrtb+json',
    'application/json;',
    'application/json; version=2.6',
    'application/json; version=2.6; charset=utf-8',
    'application/json; charset=utf-8; odata="a;b"',
  ])('%s', async (type) => {
    expect((await readJsonBody(sized('{}', { 'content-type': type }))).ok).toBe(true);
  });

  it.each(['identity', 'Identity'])('the encoding %s', async (encoding) => {
    expect((await readJsonBody(sized('{}', { 'content-encoding': encoding }))).ok).toBe(true);
  });

  it('a body without a type as JSON', async () => {
    const request = sized('{}');
    request.headers.delete('content-type');
    expect((await readJsonBody(request)).ok).toBe(true);
  });

  it('a body of exactly the limit', async () => {
    const body = JSON.stringify('x'.repeat(BODY_BYTES_MAX - 2));
    expect((await readJsonBody(sized(body))).ok).toBe(true);
    const { request } = chunked([bytes(body)]);
    expect((await readJsonBody(request)).ok).toBe(true);
  });
});

describe('readJsonBody() refuses', () => {
  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/jsonp',
    'application/json; charset=iso-8859-1',
    'application/json; version=2.6; charset=utf-16',
    'application/json; charset=utf-8-like',
    'text/json+application/json',
    '',
  ])('the type "%s" with 415', async (type) => {
    const result = await readJsonBody(sized('{}', { 'content-type': type }));
    expect(result).toMatchObject({ ok: false, status: 415, finding: { path: 'Content-Type' } });
  });

  it.each(['br', 'deflate', 'gzip, br', 'zstd'])('the encoding %s with 415', async (encoding) => {
    const result = await readJsonBody(sized('{}', { 'content-encoding': encoding }));
    expect(result).toMatchObject({ ok: false, status: 415, finding: { path: 'Content-Encoding' } });
  });

  it('a length over the limit with 413, without reading', async () => {
    const request = sized('{}', { 'content-length': String(BODY_BYTES_MAX + 1) });
    expect(await readJsonBody(request)).toMatchObject({ ok: false, status: 413 });
    expect(request.bodyUsed).toBe(false);
  });

  it('more bytes than the limit with 413, whatever the length says', async () => {
    const body = 'x'.repeat(BODY_BYTES_MAX + 1);
    const result = await readJsonBody(sized(body, { 'content-length': '5' }));
    expect(result).toMatchObject({ ok: false, status: 413 });
  });

  it('chunks over the limit with 413, reading no further', async () => {
    const { request, state } = chunked(Array(100).fill(bytes('x'.repeat(1000))));
    expect(await readJsonBody(request, { bytesMax: 5000 })).toMatchObject({ status: 413 });
    expect(state.pulled).toBeLessThan(12);
  });

  it('a small gzip that inflates beyond the limit with 413', async () => {
    const bomb = zipped(' '.repeat(BODY_BYTES_MAX * 40));
    expect(bomb.length).toBeLessThan(BODY_BYTES_MAX);
    const result = await readJsonBody(sized(bomb, { 'content-encoding': 'gzip' }));
    expect(result).toMatchObject({ ok: false, status: 413 });
  });

  it.each([
    ['no gzip', bytes(TEXT)],
    ['half of it', zipped(TEXT).slice(0, 15)],
    ['a byte changed', zipped(TEXT).map((byte, i) => i === 20 ? byte ^ 255 : byte)],
  ])('broken gzip (%s) with 400', async (_what, body) => {
    const result = await readJsonBody(sized(body, { 'content-encoding': 'gzip' }));
    expect(result).toMatchObject({ ok: false, status: 400 });
  });

  it.each([
    ['not UTF-8', Uint8Array.of(0x22, 0xc3, 0x22)],
    ['half a character', Uint8Array.of(0x22, 0xf0, 0x9f, 0x98, 0x22)],
    ['a surrogate in UTF-8', Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22)],
    ['an overlong character', Uint8Array.of(0x22, 0xc0, 0x80, 0x22)],
    ['empty', bytes('')],
    ['no JSON', bytes('{"a":}')],
    ['too deep', bytes('['.repeat(JSON_DEPTH_MAX + 1) + ']'.repeat(JSON_DEPTH_MAX + 1))],
  ])('a body that is %s with 400 and a reason', async (_what, body) => {
    const result = await readJsonBody(sized(body));
    expect(result).toMatchObject({
      ok: false,
      status: 400,
      finding: { path: '', allowed: 'a JSON object', fix: expect.stringMatching(/./) },
    });
  });

  it('a body that ends early with 400', async () => {
    const body = new ReadableStream({ pull: (controller) => controller.error(new Error('reset')) });
    const init = { method: 'POST', body, duplex: 'half' } as RequestInit;
    const request = new Request('http://helios.test/bid', init);
    expect(await readJsonBody(request)).toMatchObject({ ok: false, status: 400 });
  });

  it('a request without a body with 400', async () => {
    const request = new Request('http://helios.test/bid', { method: 'POST' });
    expect(await readJsonBody(request)).toMatchObject({ ok: false, status: 400 });
  });
});
