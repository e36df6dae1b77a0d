import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { readBody } from './read-body.ts';

const post = (body: RequestInit['body'], encoding?: string) =>
  new Request('http://localhost/', {
    method: 'POST',
    body,
    ...(encoding && { headers: { 'content-encoding': encoding } }),
  });
const pieces = (count: number, size: number) =>
  new ReadableStream<Uint8Array>({
    start(controller) {
      for (let i = 0; i < count; i++) controller.enqueue(new Uint8Array(size).fill(i));
      controller.close();
    },
  });
const streamed = (stream: ReadableStream<Uint8Array>) =>
  new Request('http://localhost/', { method: 'POST', body: stream, duplex: 'half' } as RequestInit);

it('readBody() gives the bytes of pieces in order', async () => {
  const body = await readBody(streamed(pieces(50, 5_000)));
  expect(body).toMatchObject({ kind: 'read' });
  const { bytes } = body as { bytes: Uint8Array };
  expect(bytes.length).toBe(250_000);
  expect([bytes[0], bytes[5_000], bytes[249_999]]).toEqual([0, 1, 49]);
});

it('readBody() inflates gzip, and stops at the limit however small it was packed', async () => {
  const packed = gzipSync(new Uint8Array(1_000_000));
  expect(await readBody(post(packed, 'gzip'))).toMatchObject({
    kind: 'read',
    bytes: { length: 1_000_000 },
  });
  expect(await readBody(post(packed, 'gzip'), 999_999)).toEqual({ kind: 'too-large' });
});

it('readBody() refuses what is too large, told or found out', async () => {
  expect(await readBody(post('x'.repeat(101)), 100)).toEqual({ kind: 'too-large' });
  expect(await readBody(streamed(pieces(3, 50)), 100)).toEqual({ kind: 'too-large' });
  expect(await readBody(post('x'.repeat(100)), 100)).toMatchObject({ kind: 'read' });
});

it('readBody() says what it cannot read', async () => {
  expect(await readBody(post('no gzip', 'gzip'))).toEqual({ kind: 'broken' });
  expect(await readBody(post(gzipSync('x'.repeat(10_000)).subarray(0, 20), 'gzip'))).toEqual({
    kind: 'broken',
  });
  expect(await readBody(post('x', 'zstd'))).toEqual({ kind: 'unknown-encoding', encoding: 'zstd' });
});
